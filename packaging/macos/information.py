"""What macOS is told about the app: Info.plist."""

from __future__ import annotations

IDENTIFIER = "org.scipix.Scipix"
OLDEST_MACOS = "14.0"  # onnxruntime's wheels need it


def plist(version: str) -> dict[str, object]:
    """Info.plist beyond what PyInstaller fills in."""
    return {
        "CFBundleDisplayName": "Scipix",
        "CFBundleShortVersionString": version,
        "LSApplicationCategoryType": "public.app-category.education",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        "LSBackgroundOnly": False,  # PyInstaller says True for a program that also serves terminals
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
        "NSHumanReadableCopyright": "Apache License 2.0",
        "NSScreenCaptureUsageDescription": (
            "Scipix takes a picture of the screen when you press its hotkey, and reads the formula that you frame. "
            "The picture stays on this Mac."
        ),
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Picture",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": [
                    "public.png",
                    "public.jpeg",
                    "public.tiff",
                    "org.webmproject.webp",
                    "com.microsoft.bmp",
                    "com.compuserve.gif",
                ],
            },
            {
                "CFBundleTypeName": "PDF document",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["com.adobe.pdf"],
            },
        ],
    }
