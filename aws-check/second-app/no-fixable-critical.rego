package trusted_images.aws_check

deny contains message if {
	some result in input.Results
	some vulnerability in result.Vulnerabilities
	vulnerability.Severity == "CRITICAL"
	vulnerability.FixedVersion != ""
	message := sprintf("%s: update to %s", [vulnerability.VulnerabilityID, vulnerability.FixedVersion])
}
