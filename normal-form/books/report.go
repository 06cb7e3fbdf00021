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
	Epoch                                        int
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

// byPlace lists the packages that the analyser of each kind found; those of package managers at no path. Trivy names the file of a package where it has its own, and otherwise the file
// of all packages of a result: a program, deps.json, installed.json.
func (r Report) byPlace() map[place][]Package {
	found := map[place][]Package{}
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
			found[at] = append(found[at], Package{p.Name, p.version()})
		}
	}
	return found
}

// version is the whole one: epoch:version-release.
func (p reported) version() string {
	version := p.Version
	if p.Epoch != 0 {
		version = fmt.Sprintf("%d:%s", p.Epoch, version)
	}
	if p.Release != "" {
		version += "-" + p.Release
	}
	return version
}
