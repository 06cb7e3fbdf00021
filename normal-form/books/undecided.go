package books

import (
	"fmt"
	"slices"
	"strings"
)

// Undecided are the files by which it cannot be told what system the image is, to Trivy and to programs alike; or by which it is one that Trivy has
// no advisories for. All that it declares is broken. An image without a system, as one from `scratch`, has nothing to decide.
func Undecided(tree Tree) []Declaration {
	heard, undecided := statements(tree)
	verdict, contradictions := decide(heard)
	undecided = append(undecided, contradictions...)
	undecided = append(undecided, ownWords(tree, verdict)...)
	undecided = append(undecided, withoutAdvisories(tree, verdict)...)
	undecided = append(undecided, otherManagers(tree)...)
	undecided = append(undecided, repositories(tree, verdict)...)
	undecided = append(undecided, extendedMaintenance(tree, verdict)...)
	return append(undecided, buildInfo(tree)...)
}

// decide as Trivy does when it merges what it hears: a family that is heard last gives way, of others the first one stays. Trivy hears files in no
// certain order, so the others must say the same.
func decide(heard []statement) (*statement, []Declaration) {
	var verdict *statement
	for n, s := range heard {
		if verdict == nil || slices.Contains(heardLast, verdict.family) && !slices.Contains(heardLast, s.family) {
			verdict = &heard[n]
		}
	}
	var contradictions []Declaration
	for _, s := range heard {
		if s.same(verdict.system) || s.isPartOf(verdict.system) {
			continue
		}
		contradictions = append(contradictions, s.broken(Release, fmt.Sprintf("says that the system is %.100q, and %.100q that it is %.100q; "+
			"remove the one that is wrong", s.system, verdict.at, verdict.system)))
	}
	return verdict, contradictions
}

// isPartOf: the file is at home in a system of another family, in the same release if they count alike.
func (s statement) isPartOf(verdict system) bool {
	return s.family != verdict.family && slices.Contains(isPart[s.family], verdict.family) &&
		(s.family != redhat || major(s.release) == major(verdict.release))
}

func (s statement) broken(kind Kind, why string) Declaration {
	return Declaration{Path: s.at, Kind: kind, Layer: s.file.Layer, Broken: fmt.Sprintf("%.100q %s", s.at, why)}
}

// ownWords compares what os-release says, which is what programs read, with Trivy's verdict.
func ownWords(tree Tree, verdict *statement) []Declaration {
	var said []statement
	for _, at := range osReleasePaths {
		lines, file, err := releaseLines(tree, at)
		if id, name, version := osRelease(lines); err == nil && id != "" {
			said = append(said, statement{system{programsFamily(id, name), version}, file, at})
		}
	}
	if len(said) == 0 {
		return nil
	}
	own := said[0]
	_, known := families[own.family]
	switch {
	case len(said) == 2 && said[1].system != own.system:
		return []Declaration{own.broken(Release, fmt.Sprintf("says that the system is %.100q, and %.100q that it is %.100q; make the one a link to the other",
			own.system, said[1].at, said[1].system))}
	case !known:
		return []Declaration{own.broken(System, fmt.Sprintf("says that the system is %.100q, which Trivy does not know; build the image on a system that it knows",
			own.system))}
	case verdict == nil || verdict.same(own.system) || own.release == "" && verdict.family == own.family:
		return nil
	}
	return []Declaration{own.broken(Release, fmt.Sprintf("says that the system is %.100q, and Trivy takes it for %.100q, by %.100q; "+
		"leave the release files as the system has them", own.system, verdict.system, verdict.at))}
}

// programsFamily is the family by the word in os-release, or that word.
func programsFamily(id, name string) string {
	if id == "centos" && name == "CentOS Stream" {
		return centosStream
	}
	for _, names := range []map[string]string{familyOfId, familyOfOtherId} {
		if family, known := names[id]; known {
			return family
		}
	}
	return id
}

// withoutAdvisories are databases of packages that Trivy compares with nothing: it does not know the system, or that system has another manager.
func withoutAdvisories(tree Tree, verdict *statement) []Declaration {
	if verdict != nil && verdict.family == debian && strings.Trim(major(verdict.release), "0123456789") != "" {
		return []Declaration{verdict.broken(System, fmt.Sprintf("names the release %.100q, for which Trivy has no advisories; build on a release with a number",
			verdict.release))}
	}
	var found []Declaration
	for _, databases := range systemDatabases(tree) {
		for _, d := range databases {
			why := ""
			switch {
			case len(d.installed) == 0:
			case verdict == nil:
				why = "no release file says to Trivy what system it is; leave the system's own in the image, such as etc/os-release or etc/debian_version"
			case families[verdict.family].manager != d.Kind:
				why = fmt.Sprintf("%.100q says that the system is %.100q, whose packages are not of %s; install them with the system's own manager",
					verdict.at, verdict.system, d.Kind)
			}
			if why != "" {
				found = append(found, Declaration{Path: d.Path, Kind: System, Layer: d.Layer,
					Broken: fmt.Sprintf("%.100q lists %d packages, and %s", d.Path, len(d.installed), why)})
				break // the files of status.d are many
			}
		}
	}
	return found
}
