package books

import (
	"fmt"
	"slices"
)

// Report is what is read of Trivy's report: which packages it found, where, and by which analyser.
type Report struct {
	Metadata struct {
		// OS is absent where Trivy found no operating system.
		OS *struct{ Family, Name string }
	}
	Results []struct {
		Target, Class, Type string
		Packages            []reported
	}
}

type reported struct {
	Name, Version, Release, FilePath, AnalyzedBy string
	SrcName, SrcVersion, SrcRelease              string
	Epoch, SrcEpoch                              int
}

// ReadReport reads a report as Trivy wrote it.
func ReadReport(file string) (Report, error) {
	var read Report
	return read, readJSON(file, &read)
}

// managers of operating systems: Trivy merges their databases into one list without paths.
var managers = []Kind{Dpkg, Apk, Rpm}

// analysers of Trivy that read files of a kind. What another one found, such as that of SBOMs, says nothing of the file.
var analysers = map[Kind][]string{
	Dpkg:     {"dpkg"},
	Apk:      {"apk"},
	Rpm:      {"rpm", "rpmqa"},
	Node:     {"node-pkg"},
	Python:   {"python-pkg", "python-egg"},
	Jar:      {"jar"},
	Go:       {"gobinary"},
	Rust:     {"rustbinary"},
	DotNet:   {"dotnet-core"},
	Ruby:     {"gemspec"},
	Composer: {"composer-vendor"},
	Conda:    {"conda-pkg"},
}

var kindOf = func() map[string]Kind {
	kinds := map[string]Kind{}
	for kind, names := range analysers {
		for _, name := range names {
			kinds[name] = kind
		}
	}
	return kinds
}()

// IsRead says whether Trivy reads the packages of a language that a file declares, where the file is.
func (d Declaration) IsRead() bool {
	_, known := analysers[d.Kind]
	return known && !slices.Contains(managers, d.Kind) && d.Unread == "" && len(d.Packages) > 0
}

// packages that are reported of one place, as plainOf makes them.
type packages struct {
	whole map[Package]bool
	names map[string]bool
}

func (p packages) add(kind Kind, reported Package) {
	plain := plainOf(kind, reported)
	p.whole[plain], p.names[plain.Name] = true, true
}

// has: a file of a language that does not tell the version of a package goes with any.
func (p packages) has(kind Kind, declared Package) bool {
	plain := plainOf(kind, declared)
	if declared.Version == "" && !slices.Contains(managers, kind) {
		return p.names[plain.Name]
	}
	return p.whole[plain]
}

// byPlace lists the packages that the analyser of each kind found; those of package managers at no path. Trivy names the file of a package where it
// has its own, and otherwise the file of all packages of a result: a program, deps.json, installed.json.
func (r Report) byPlace() map[place]packages {
	found := map[place]packages{}
	for _, result := range r.Results {
		for _, p := range result.Packages {
			kind, known := kindOf[p.AnalyzedBy]
			if !known {
				continue
			}
			at := place{Kind: kind}
			switch ofManager := slices.Contains(managers, kind); {
			case ofManager != (result.Class == "os-pkgs"):
				continue
			case ofManager:
			case p.FilePath != "":
				at.path = p.FilePath
			default:
				at.path = result.Target
			}
			if _, known := found[at]; !known {
				found[at] = packages{map[Package]bool{}, map[string]bool{}}
			}
			found[at].add(kind, Package{p.Name, p.version(), p.source(kind)})
		}
	}
	return found
}

// version is the whole one: epoch:version-release.
func (p reported) version() string { return wholeVersion(p.Epoch, p.Version, p.Release) }

// source of a package of an operating system. Without one, apk's stands for itself. rpm does not tell the epoch of a source, and Trivy writes that of
// the package.
func (p reported) source(kind Kind) string {
	switch {
	case kind == Apk && p.SrcName == "":
		return p.Name + " " + p.version()
	case p.SrcName == "" || !slices.Contains(managers, kind):
		return ""
	case kind == Rpm:
		return p.SrcName + " " + wholeVersion(0, p.SrcVersion, p.SrcRelease)
	}
	return p.SrcName + " " + wholeVersion(p.SrcEpoch, p.SrcVersion, p.SrcRelease)
}

func wholeVersion(epoch int, version, release string) string {
	if epoch != 0 {
		version = fmt.Sprintf("%d:%s", epoch, version)
	}
	if release != "" {
		version += "-" + release
	}
	return version
}
