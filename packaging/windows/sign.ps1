# Signs files with the certificate of CERTIFICATE (base64 of a .pfx) and CERTIFICATE_PASSWORD: sign.ps1 FILE...
$ErrorActionPreference = "Stop"
$pfx = Join-Path $env:RUNNER_TEMP "scipix.pfx"
try {
    [IO.File]::WriteAllBytes($pfx, [Convert]::FromBase64String($env:CERTIFICATE))
    $kits = "C:\Program Files (x86)\Windows Kits\10\bin\*\x64\signtool.exe"
    $signtool = (Get-Item $kits | Sort-Object FullName | Select-Object -Last 1).FullName
    foreach ($file in $args) {
        & $signtool sign /fd SHA256 /td SHA256 /tr http://timestamp.digicert.com /f $pfx /p $env:CERTIFICATE_PASSWORD $file
        if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    }
} finally {
    Remove-Item -Force -ErrorAction SilentlyContinue $pfx
}
