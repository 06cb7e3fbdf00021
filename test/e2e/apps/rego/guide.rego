package trivy
import data.lib.result
deny[msg] {
input.OS.Family == "alpine"
input.OS.Version == "3.14"
msg := "Alpine 3.14 reached EOL; upgrade to 3.19+"
}
deny[msg] {
input.Results[i].Vulnerabilities[j].Severity == "CRITICAL"
input.Results[i].Vulnerabilities[j].FixedVersion != ""
msg := sprintf("CRITICAL CVE %s has available fix %s", [
input.Results[i].Vulnerabilities[j].VulnerabilityID,
input.Results[i].Vulnerabilities[j].FixedVersion,
])
}
deny[msg] {
input.Results[i].Class == "secret"
msg := sprintf("Secret exposed in %s: %s", [
input.Results[i].Target,
input.Results[i].Secrets[0].Title,
])
}
