"""The installer's script and the script that tries it out, which needs Windows or Wine, tell the same story."""

import re

from windows import try_setup

import freeze

TEXT = (freeze.ROOT / "packaging/windows/scipix.nsi").read_text("utf-8")
NAMES = dict(re.findall(r'^!define (\w+) "([^"]+)"$', TEXT, re.M))


def filled(text: str) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: NAMES.get(found[1], found[0]), text)


def offers(macro: str) -> set[tuple[str, str]]:
    return set(re.findall(rf'!insertmacro {macro} "(\.\w+)" "([^"]+)"', filled(TEXT)))


def test_what_is_offered_is_taken_back() -> None:
    assert len(offers("OFFER")) >= 9
    assert offers("OFFER") == offers("RETRACT")
    assert set(try_setup.OFFERED.items()) <= offers("OFFER")


def test_the_registry_is_looked_at_where_the_installer_writes() -> None:
    assert f"HKCU\\{filled(NAMES['UNINSTALL'])}" == try_setup.UNINSTALL
    assert f"HKCU\\{NAMES['RUN']}" == try_setup.RUN
    written = set(re.findall(r'HKCU "\$\{UNINSTALL\}" "(\w+)"', TEXT))
    assert {"DisplayName", "DisplayVersion", "QuietUninstallString"} <= written


def test_no_program_is_replaced_while_it_runs() -> None:
    waited = re.findall(r'!insertmacro WAIT_UNTIL_CLOSED "\w+" "(\w+)"', TEXT)
    assert sorted(f"{name}.exe" for name in waited) == sorted(2 * try_setup.PROGRAMS)
    assert f"SetErrorLevel {try_setup.IN_USE}" in TEXT


def test_every_other_registry_key_goes_with_the_program() -> None:
    """All keys and values that any section writes are deleted by the uninstaller, or lie below one that is."""
    script = filled(TEXT)
    written = re.findall(r'WriteReg\w+ HKCU "([^"]+)"', script)
    deleted = re.findall(r'DeleteRegKey HKCU "([^"]+)"', script) + re.findall(r'DeleteRegValue HKCU "([^"]+)"', script)
    assert written
    assert [key for key in written if not key.startswith(tuple(deleted))] == []
