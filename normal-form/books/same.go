package books

import (
	"regexp"
	"strings"
)

var pythonSeparators = regexp.MustCompile(`[-_.]+`)

// plainOf a package: two for which it is the same are the same package to their ecosystem, and to Trivy.
func plainOf(kind Kind, p Package) Package {
	p = Package{legible(p.Name), legible(p.Version), legible(p.Source)}
	switch kind {
	case Dpkg, Apk, Rpm: // Trivy writes no epoch of 0
		p.Version = withoutZero(p.Version)
	case Python: // PEP 503
		p.Name = strings.ToLower(pythonSeparators.ReplaceAllString(p.Name, "-"))
	case DotNet, Composer:
		p.Name = strings.ToLower(p.Name)
	case Jar: // of versions that Maven takes for equal, Trivy keeps one
		p.Version = trimmedVersion(p.Version)
	}
	return p
}

// legible is a text as JSON holds it, and so the report: each byte that is no UTF-8 is replaced.
func legible(text string) string { return string([]rune(text)) }

var nothing = regexp.MustCompile(`(?i)([.-](0+|final|ga|release))+$`)

// trimmedVersion is without the parts at its end that mean nothing to Maven.
func trimmedVersion(version string) string {
	return strings.ToLower(nothing.ReplaceAllString(strings.TrimSpace(version), ""))
}
