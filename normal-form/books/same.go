package books

import (
	"regexp"
	"strings"
)

var pythonSeparators = regexp.MustCompile(`[-_.]+`)

// SameName: whether an ecosystem takes two names for the same package.
func SameName(kind Kind, a, b string) bool {
	a, b = legible(a), legible(b)
	switch kind {
	case Python: // PEP 503
		return strings.EqualFold(pythonSeparators.ReplaceAllString(a, "-"), pythonSeparators.ReplaceAllString(b, "-"))
	case DotNet, Composer:
		return strings.EqualFold(a, b)
	}
	return a == b
}

// SameVersion: whether a version that a file declares is the one that a report has. A file that does not tell its version goes with any.
func SameVersion(kind Kind, declared, reported string) bool {
	declared, reported = legible(declared), legible(reported)
	switch {
	case declared == "" || declared == reported:
		return true
	case kind == Jar: // of versions that Maven takes for equal, Trivy keeps one
		return trimmedVersion(declared) == trimmedVersion(reported)
	}
	return false
}

// legible is a text as JSON holds it, and so the report: each byte that is no UTF-8 is replaced.
func legible(text string) string { return string([]rune(text)) }

var nothing = regexp.MustCompile(`(?i)([.-](0+|final|ga|release))+$`)

// trimmedVersion is without the parts at its end that mean nothing to Maven.
func trimmedVersion(version string) string {
	return strings.ToLower(nothing.ReplaceAllString(strings.TrimSpace(version), ""))
}
