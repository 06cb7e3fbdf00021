package books

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

const (
	Release     Kind = "release"
	System      Kind = "system"
	ContentSets Kind = "content-sets"
)

// system is what a release file says: a family and a release, as Trivy calls them.
type system struct {
	family, release string
}

func (s system) String() string { return strings.TrimSpace(s.family + " " + s.release) }

// same system to Trivy: the same advisories.
func (s system) same(other system) bool {
	if s.family != other.family {
		return false
	}
	f, known := families[s.family]
	return !known || f.release(s.release) == f.release(other.release)
}

// statement of a release file.
type statement struct {
	system
	file File
	at   string
}

// releaseFile is where one of Trivy's analyzers looks, and what it makes of it (pkg/fanal/analyzer/os/*).
type releaseFile struct {
	path string
	read func(lines []string) (system, bool)
}

var osReleasePaths = []string{"etc/os-release", "usr/lib/os-release"}

// sysRoots is Bottlerocket's, which no program of an image reads.
var sysRoots = []string{
	"aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
	"x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
}

var releaseFiles = []releaseFile{
	{osReleasePaths[0], trivyOsRelease}, {osReleasePaths[1], trivyOsRelease}, {sysRoots[0], trivyOsRelease}, {sysRoots[1], trivyOsRelease},
	{"etc/alpine-release", firstLine(alpine)},
	{"etc/debian_version", firstLine(debian)},
	{"etc/lsb-release", lsbRelease},
	{"etc/redhat-release", redhatRelease},
	{"etc/centos-release", ofFamily(centos)}, {"etc/rocky-release", ofFamily(rocky)}, {"etc/almalinux-release", ofFamily(alma)},
	{"etc/oracle-release", oracleRelease},
	{"etc/fedora-release", ofFamily(fedora)}, {"usr/lib/fedora-release", ofFamily(fedora)},
	{"etc/system-release", systemRelease}, {"usr/lib/system-release", systemRelease},
}

// maxRelease is the size of a release file; the longest has some KB. Trivy reads lines of up to 64 KiB, which this makes all of them.
const maxRelease = 32 << 10

// releaseLines are those of a release file.
func releaseLines(tree Tree, at string) ([]string, File, error) {
	file, ok := tree.Resolve(at)
	if !ok && leadsToKernel(tree, at) {
		return nil, file, fmt.Errorf("%.100q: %s", at, ofContainers)
	}
	if !ok {
		return nil, file, nil
	}
	if file.Size > maxRelease {
		return nil, file, fmt.Errorf("%.100q has more than %d KiB, and a release file is short; put that of the system there", at, maxRelease>>10)
	}
	text, err := io.ReadAll(io.NewSectionReader(file, 0, file.Size))
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines, file, err
}

// statements are all that Trivy hears, and broken the files that it and programs cannot both read.
func statements(tree Tree) (heard []statement, broken []Declaration) {
	for _, r := range releaseFiles {
		lines, file, err := releaseLines(tree, r.path)
		if err != nil {
			broken = append(broken, Declaration{Path: r.path, Kind: Release, Layer: file.Layer, Broken: err.Error()})
			continue
		}
		if s, said := r.read(lines); said {
			heard = append(heard, statement{s, file, r.path})
		}
	}
	return heard, broken
}

// osRelease are the two names and the number in it. Trivy takes blanks around the sign, and so does this.
func osRelease(lines []string) (id, name, version string) {
	for _, l := range lines {
		key, value, _ := strings.Cut(l, "=")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		switch strings.TrimSpace(key) {
		case "ID":
			id = value
		case "NAME":
			name = value
		case "VERSION_ID":
			version = value
		}
	}
	return id, name, version
}

// familyOfId by the word in os-release. Debian, Ubuntu and Amazon Linux are told by other files to Trivy, and by this one to programs.
var familyOfId = map[string]string{
	"activestate": "activestate", "almalinux": alma, "alpine": alpine, "azurelinux": azureLinux, "bottlerocket": bottlerocket, "centos": centos,
	"chainguard": chainguard, "coreos": "coreos", "echo": echo, "fedora": fedora, "mariner": mariner, "minimos": minimos, "ol": oracle,
	"opensuse": leap, "opensuse-leap": leap, "opensuse-tumbleweed": tumbleweed, "photon": photon, "rhel": redhat, "rocky": rocky,
	"sle-micro": sleMicro, "sle-micro-rancher": sleMicro, "sl-micro": sleMicro, "sles": sles, "wolfi": wolfi,
}

var familyOfOtherId = map[string]string{"debian": debian, "ubuntu": ubuntu, "amzn": amazon}

func trivyOsRelease(lines []string) (system, bool) {
	id, name, version := osRelease(lines)
	s := system{familyOfId[id], version}
	if s.family == centos && name == "CentOS Stream" {
		s.family = centosStream
	}
	return s, s.family != "" && version != ""
}

func firstLine(family string) func([]string) (system, bool) {
	return func(lines []string) (system, bool) {
		if len(lines) == 0 {
			return system{}, false
		}
		return system{family, lines[0]}, true
	}
}

func lsbRelease(lines []string) (system, bool) {
	isUbuntu := false
	for _, l := range lines {
		isUbuntu = isUbuntu || l == "DISTRIB_ID=Ubuntu"
		if release, found := strings.CutPrefix(l, "DISTRIB_RELEASE="); found && isUbuntu {
			return system{ubuntu, strings.TrimSpace(release)}, true
		}
	}
	return system{}, false
}

var nameAndRelease = regexp.MustCompile(`(.*) release (\d[\d.]*)`)

var familyOfName = map[string]string{
	"centos": centos, "centos linux": centos, "rocky": rocky, "rocky linux": rocky, "alma": alma, "almalinux": alma, "alma linux": alma,
	"oracle": oracle, "oracle linux": oracle, "oracle linux server": oracle, "fedora": fedora, "fedora linux": fedora,
}

// redhatRelease takes every name that it does not know for Red Hat's.
func redhatRelease(lines []string) (system, bool) {
	if len(lines) == 0 {
		return system{}, false
	}
	found := nameAndRelease.FindStringSubmatch(strings.TrimSpace(lines[0]))
	if found == nil {
		return system{}, false
	}
	if family, known := familyOfName[strings.ToLower(found[1])]; known {
		return system{family, found[2]}, true
	}
	return system{redhat, found[2]}, true
}

// ofFamily is the first line that names the family, if no line before it has another form.
func ofFamily(family string) func([]string) (system, bool) {
	return func(lines []string) (system, bool) {
		for _, l := range lines {
			found := nameAndRelease.FindStringSubmatch(strings.TrimSpace(l))
			if found == nil {
				return system{}, false
			}
			if familyOfName[strings.ToLower(found[1])] == family {
				return system{family, found[2]}, true
			}
		}
		return system{}, false
	}
}

func oracleRelease(lines []string) (system, bool) {
	s, found := redhatRelease(lines)
	return system{oracle, s.release}, found
}

func systemRelease(lines []string) (system, bool) {
	for _, l := range lines {
		words := strings.Fields(l)
		switch {
		case strings.HasPrefix(l, "Amazon Linux release 2") && len(words) < 5:
		case strings.HasPrefix(l, "Amazon Linux release 2"):
			return system{amazon, strings.Join(words[3:], " ")}, true
		case strings.HasPrefix(l, "Amazon Linux"):
			return system{amazon, strings.Join(words[2:], " ")}, true
		}
	}
	return system{}, false
}

// heardLast are the families that Trivy lets every other one replace: an Ubuntu has Debian's file, and an Oracle Linux that of Red Hat.
var heardLast = []string{debian, redhat}

// isPart tells of the systems in which the file of Debian or of Red Hat is at home.
var isPart = map[string][]string{
	debian: {debian, ubuntu, echo},
	redhat: {redhat, oracle, centos, centosStream, rocky, alma, fedora},
}
