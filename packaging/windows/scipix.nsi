; Per-user installer for Windows, no administrator needed. Made by packaging/build.py nsis:
;   makensis -DVERSION=0.1.0 -DFILES=dist\scipix\* -DOUT=dist\Scipix-setup.exe -DICON=scipix.ico -DSIDE=setup.bmp \
;       packaging\windows\scipix.nsi
; -DSIGN=COMMAND: run with the installer's file, and with that of the uninstaller before it is packed.
; Silent: Scipix-setup.exe /S [/D=C:\folder]; /AUTOSTART=1 starts Scipix with Windows. Removing: uninstall.exe /S
Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma
RequestExecutionLevel user

!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include Sections.nsh
!include x64.nsh

!define NAME "Scipix"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define PICTURE "Scipix.Picture"
!define PDF "Scipix.Pdf"

Name "${NAME} ${VERSION}"
BrandingText "${NAME} ${VERSION}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} setup"
VIAddVersionKey "LegalCopyright" "Apache License 2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\scipixw.exe"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString RUNS ${LANG_ENGLISH} "Scipix is running. Quit it (tray icon, Quit), then press Retry."
LangString RUNS ${LANG_GERMAN} "Scipix läuft. Beenden Sie es (Symbol in der Taskleiste, Beenden) und drücken Sie auf Wiederholen."

; A running program cannot be replaced, nor the libraries that it has open; its file cannot be opened for writing then.
!macro WAIT_UNTIL_CLOSED UN PROGRAM
  retry${UN}:
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}.exe" a
    ${If} ${Errors}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNS)" /SD IDCANCEL IDRETRY retry${UN}
      SetErrorLevel 3
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

!macro REMOVE_FILES
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\scipix.exe"
  Delete "$INSTDIR\scipixw.exe"
  Delete "$INSTDIR\THIRD-PARTY-NOTICES.txt"
!macroend

; What the other two sections have written, of this installation or of an older one.
!macro RETRACT EXTENSION CLASS
  DeleteRegValue HKCU "Software\Classes\${EXTENSION}\OpenWithProgids" "${CLASS}"
!macroend
!macro FORGET_CHOICES
  DeleteRegKey HKCU "Software\Classes\${PICTURE}"
  DeleteRegKey HKCU "Software\Classes\${PDF}"
  DeleteRegValue HKCU "${RUN}" "${NAME}"
  !insertmacro RETRACT ".png" "${PICTURE}"
  !insertmacro RETRACT ".jpg" "${PICTURE}"
  !insertmacro RETRACT ".jpeg" "${PICTURE}"
  !insertmacro RETRACT ".webp" "${PICTURE}"
  !insertmacro RETRACT ".bmp" "${PICTURE}"
  !insertmacro RETRACT ".tif" "${PICTURE}"
  !insertmacro RETRACT ".tiff" "${PICTURE}"
  !insertmacro RETRACT ".gif" "${PICTURE}"
  !insertmacro RETRACT ".pdf" "${PDF}"
!macroend

Section "Scipix" MAIN
  SectionIn RO
  !insertmacro WAIT_UNTIL_CLOSED "_install_app" "scipixw"
  !insertmacro WAIT_UNTIL_CLOSED "_install_command" "scipix"
  ; An upgrade: what the older version had and this one has not must go. Settings and history lie elsewhere.
  !insertmacro REMOVE_FILES
  !insertmacro FORGET_CHOICES
  SetOutPath "$INSTDIR"
  File /r "${FILES}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\scipixw.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\scipixw.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Scipix developers"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

Section "Open pictures and PDFs with Scipix" TYPES
  ; Offered under "Open with"; nobody's default program is changed.
  WriteRegStr HKCU "Software\Classes\${PICTURE}" "" "Picture"
  WriteRegStr HKCU "Software\Classes\${PICTURE}\shell\open\command" "" '"$INSTDIR\scipixw.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\${PDF}" "" "PDF document"
  WriteRegStr HKCU "Software\Classes\${PDF}\shell\open\command" "" '"$INSTDIR\scipixw.exe" "%1"'
  !macro OFFER EXTENSION CLASS
    WriteRegStr HKCU "Software\Classes\${EXTENSION}\OpenWithProgids" "${CLASS}" ""
  !macroend
  !insertmacro OFFER ".png" "${PICTURE}"
  !insertmacro OFFER ".jpg" "${PICTURE}"
  !insertmacro OFFER ".jpeg" "${PICTURE}"
  !insertmacro OFFER ".webp" "${PICTURE}"
  !insertmacro OFFER ".bmp" "${PICTURE}"
  !insertmacro OFFER ".tif" "${PICTURE}"
  !insertmacro OFFER ".tiff" "${PICTURE}"
  !insertmacro OFFER ".gif" "${PICTURE}"
  !insertmacro OFFER ".pdf" "${PDF}"
SectionEnd

Section /o "Start with Windows" AUTOSTART
  WriteRegStr HKCU "${RUN}" "${NAME}" '"$INSTDIR\scipixw.exe" --hidden'
SectionEnd

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "Scipix needs a 64-bit Windows." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AUTOSTART=" $1
  ${IfNot} ${Errors}
  ${AndIf} $1 == "1"
    !insertmacro SelectSection ${AUTOSTART}
  ${EndIf}
  ; An upgrade keeps the choices that were made, until others are made.
  ReadRegStr $0 HKCU "${RUN}" "${NAME}"
  ${If} $0 != ""
    !insertmacro SelectSection ${AUTOSTART}
  ${EndIf}
  ReadRegStr $0 HKCU "${UNINSTALL}" "InstallLocation"
  ReadRegStr $1 HKCU "Software\Classes\${PICTURE}" ""
  ${If} $0 != ""
  ${AndIf} $1 == ""
    !insertmacro UnselectSection ${TYPES}
  ${EndIf}
FunctionEnd

Section "Uninstall"
  !insertmacro WAIT_UNTIL_CLOSED "_remove_app" "scipixw"
  !insertmacro WAIT_UNTIL_CLOSED "_remove_command" "scipix"
  !insertmacro REMOVE_FILES
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  !insertmacro FORGET_CHOICES
SectionEnd
