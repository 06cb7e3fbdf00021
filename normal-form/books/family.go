package books

import "strings"

// Families as Trivy calls them.
const (
	alma         = "alma"
	alpine       = "alpine"
	amazon       = "amazon"
	azureLinux   = "azurelinux"
	bottlerocket = "bottlerocket"
	centos       = "centos"
	centosStream = "centos-stream"
	chainguard   = "chainguard"
	debian       = "debian"
	echo         = "echo"
	fedora       = "fedora"
	leap         = "opensuse-leap"
	mariner      = "cbl-mariner"
	minimos      = "minimos"
	oracle       = "oracle"
	photon       = "photon"
	redhat       = "redhat"
	rocky        = "rocky"
	sleMicro     = "slem"
	sles         = "sles"
	tumbleweed   = "opensuse-tumbleweed"
	ubuntu       = "ubuntu"
	wolfi        = "wolfi"
)

// family is what Trivy does with a system.
type family struct {
	manager Kind
	// platform is the beginning of the name of its advisories in Trivy's database; empty if it has none.
	platform string
	// release cuts the release to the part that chooses the advisories.
	release func(string) string
	// bySource: the advisories are by the name of the source package, not of the binary one.
	bySource bool
	// vendors of rpm that are the distribution, by the beginnings of their names. EPEL's is "Fedora Project", on whatever system.
	vendors []string
}

// families of Trivy 0.74 (pkg/detector/ospkg), and the names of their advisories (trivy-db, pkg/vulnsrc/bucket). Fedora, CentOS Stream and CoreOS
// are read without any advisories. The names are those of the releases as Trivy cuts them.
var families = map[string]family{
	alpine:     {Apk, "alpine ", minor, true, nil},
	chainguard: {Apk, "chainguard", none, true, nil},
	minimos:    {Apk, "minimos", none, true, nil},
	wolfi:      {Apk, "wolfi", none, true, nil},

	debian: {Dpkg, "debian ", major, true, nil},
	echo:   {Dpkg, "echo", none, true, nil},
	ubuntu: {Dpkg, "ubuntu ", whole, true, nil},

	alma:         {Rpm, "alma ", major, false, []string{"AlmaLinux"}},
	amazon:       {Rpm, "amazon linux ", amazonRelease, false, []string{"Amazon Linux", "Amazon.com"}},
	azureLinux:   {Rpm, "Azure Linux ", minor, true, []string{"Microsoft Corporation"}},
	mariner:      {Rpm, "CBL-Mariner ", minor, true, []string{"Microsoft Corporation"}},
	centos:       {Rpm, "Red Hat", major, false, []string{"CentOS"}},
	centosStream: {Rpm, "", major, false, []string{"CentOS"}},
	fedora:       {Rpm, "", major, false, []string{"Fedora Project"}},
	"coreos":     {Rpm, "", major, false, []string{"Fedora Project"}},
	oracle:       {Rpm, "Oracle Linux ", major, false, []string{"Oracle America"}},
	photon:       {Rpm, "Photon OS ", whole, true, []string{"VMware"}},
	redhat:       {Rpm, "Red Hat", major, false, []string{"Red Hat"}},
	rocky:        {Rpm, "rocky ", major, false, []string{"Rocky"}},
	leap:         {Rpm, "openSUSE Leap ", whole, false, []string{"SUSE", "openSUSE"}},
	tumbleweed:   {Rpm, "openSUSE Tumbleweed", none, false, []string{"SUSE", "openSUSE"}},
	sles:         {Rpm, "SUSE Linux Enterprise ", whole, false, []string{"SUSE"}},
	sleMicro:     {Rpm, "SUSE Linux Enterprise Micro ", whole, false, []string{"SUSE"}},

	bottlerocket:  {"", "bottlerocket", none, false, nil},
	"activestate": {"", "", whole, false, nil},
}

// platformOf a system: the name of the bucket with its advisories. Red Hat's are in one for all releases.
func platformOf(name, release string) string {
	f := families[name]
	if f.platform == "" || f.platform == "Red Hat" {
		return f.platform
	}
	return f.platform + f.release(release)
}

func whole(release string) string { return release }
func none(string) string          { return "" }

func major(release string) string {
	first, _, _ := strings.Cut(release, ".")
	return first
}

func minor(release string) string {
	parts := strings.SplitN(release, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// amazonRelease of "2 (Karoo)" is 2; what has another number than 2, 2022 and 2023 is the first one.
func amazonRelease(release string) string {
	words := strings.Fields(release + " ?")
	switch number := major(words[0]); number {
	case "2", "2022", "2023":
		return number
	}
	return "1"
}
