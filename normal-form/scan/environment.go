//go:build linux

package scan

// registryEnvironment is that of programs that talk to registries: credentials and proxies, and nothing that changes what Trivy reports, as TRIVY_*
// does (rule 5.1, hermetic scan).
func registryEnvironment(names []string, home string, variable func(string) string) []string {
	environment := []string{"PATH=" + variable("PATH"), "HOME=" + home}
	for _, name := range names {
		if value := variable(name); value != "" {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// hermeticEnvironment is that of programs that look at a stranger's files: no credentials, no programs to start, proxies that lead nowhere (rule
// 5.1, hermetic scan).
func hermeticEnvironment(variables map[string]string, home string) []string {
	environment := []string{"PATH=/nowhere", "HOME=" + home}
	for name, value := range variables {
		environment = append(environment, name+"="+value)
	}
	return environment
}
