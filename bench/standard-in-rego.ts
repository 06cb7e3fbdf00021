/** The standard policy, in Rego. */
export const STANDARD_IN_REGO = `package standard
deny contains sprintf("%s in %s can be fixed by %s", [v.VulnerabilityID, v.PkgName, v.FixedVersion]) if {
  some v in input.Results[_].Vulnerabilities
  v.Severity == "CRITICAL"
  v.FixedVersion != ""
}
deny contains sprintf("secret in %s: %s", [result.Target, secret.RuleID]) if {
  some result in input.Results
  some secret in result.Secrets
}
deny contains "the operating system has reached its end of life" if input.Metadata.OS.EOSL
deny contains "runs as root" if object.get(input.Metadata.ImageConfig, ["config", "User"], "root") in {"", "0", "root"}
`;
