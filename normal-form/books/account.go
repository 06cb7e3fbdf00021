package books

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const (
	accountingVersion = 1
	// mostListed, and as many bytes: a policy can accept what is listed only.
	mostListed = 500
	listBytes  = 256 << 10
	// longestPath in characters, far more than is shown.
	longestPath = 4096
	// ownBytes: files of the distribution beyond it stay visible.
	ownBytes    = 3 << 20
	unconfirmed = "only its manifest names it, and Trivy gives no name to such an archive if its database of Java does not know it"
)

// Distributions tells whether a package is one of the distribution's own: then the distribution's advisories are about what is in its files.
type Distributions func(owner Owner, family, release string) bool

// Accounting is what accounting.json says: how many files declare packages, and how each was answered.
type Accounting struct {
	Version  int     `json:"version"`
	Declared int     `json:"declared"`
	Found    int     `json:"accounted"`
	Excused  Excused `json:"excused"`
	// NotCovered: Trivy reads files of this kind, and did not read this one.
	NotCovered      []Answer `json:"notCovered"`
	NotCoveredCount int      `json:"notCoveredCount"`
	// Unread: Trivy never reads files of this kind.
	Unread      []Answer `json:"unread"`
	UnreadCount int      `json:"unreadCount"`
	// OfDistribution are files with packages of a language in the report. The distribution's advisories are about them.
	OfDistribution []string `json:"ofDistribution"`
}

// Excused counts files that need not be in the report.
type Excused struct {
	Nameless       int `json:"nameless"`
	OfDistribution int `json:"ofDistribution"`
}

// Answer is a file that is not in the report, and why.
type Answer struct {
	Path   string `json:"path"`
	Kind   Kind   `json:"kind"`
	Detail string `json:"detail"`
}

// Write writes accounting.json.
func (a Accounting) Write(file string) error { return writeJSON(file, a) }

// Account matches each file that declares packages with what Trivy reported of it. Nothing is the distribution's where isDistributions is nil.
func Account(declarations []Declaration, report Report, isDistributions Distributions) Accounting {
	b := &book{found: report.byPlace()}
	if os := report.Metadata.OS; os != nil && isDistributions != nil {
		b.isDistributions = func(owner Owner) bool { return isDistributions(owner, os.Family, os.Name) }
	}
	a := Accounting{Version: accountingVersion, Declared: len(declarations)}
	var broken, missing, unread []Answer
	own := map[string]bool{}
	for _, d := range declarations {
		ofDistribution := b.ofDistribution(d)
		// one path can be two files to a report, and one file two things
		if known, is := own[d.Path]; !is || known {
			own[d.Path] = ofDistribution
		}
		switch {
		case ofDistribution:
			a.Excused.OfDistribution++
		case d.Unread != "":
			unread = append(unread, d.answer(d.Unread))
		case d.Broken != "":
			broken = append(broken, d.answer(d.Broken))
		case d.Nameless != "":
			a.Excused.Nameless++
		case d.Weak && len(b.found[place{d.Kind, d.Path}].names) == 0:
			unread = append(unread, d.answer(unconfirmed))
		default:
			if why := b.missing(d); why != "" {
				missing = append(missing, d.answer(why))
				continue
			}
			a.Found++
		}
	}
	// What is wrong with a file comes first: what Trivy makes of it may be missing in one scan, and not in the next.
	a.NotCovered, a.NotCoveredCount = shortList(broken, missing), len(broken)+len(missing)
	a.Unread, a.UnreadCount = shortList(unread), len(unread)
	a.OfDistribution = b.reportedAmong(own)
	return a
}

// answer has room in a list, however long the names in an archive are.
func (d Declaration) answer(why string) Answer {
	return Answer{fmt.Sprintf("%.*s", longestPath, d.Path), d.Kind, why}
}

// book is what a report knows.
type book struct {
	found           map[place]packages
	isDistributions func(Owner) bool
}

func (b *book) ofDistribution(d Declaration) bool {
	return d.Owner != nil && !slices.Contains(managers, d.Kind) && b.isDistributions != nil && b.isDistributions(*d.Owner)
}

// missing says why a file is not accounted for. Empty if every package that it declares is in the report.
func (b *book) missing(d Declaration) string {
	if len(d.Packages) == 0 || d.Weak {
		return ""
	}
	if _, known := analysers[d.Kind]; !known {
		return "no analyser of Trivy is known that reads it"
	}
	at := place{d.Kind, d.Path}
	where := "Trivy's report of this file"
	if slices.Contains(managers, d.Kind) {
		at.path = ""
		where = fmt.Sprintf("the packages that Trivy read from the database of %s", d.Kind)
	}
	found := b.found[at]
	var first *Package
	count := 0
	for n, p := range d.Packages {
		if found.has(d.Kind, p) {
			continue
		}
		if count++; first == nil {
			first = &d.Packages[n]
		}
	}
	switch {
	case count == 0:
		return ""
	case count == 1:
		return fmt.Sprintf("%s is not in %s", first, where)
	default:
		return fmt.Sprintf("%s and %d more packages are not in %s", first, count-1, where)
	}
}

// String cuts what an image can make as long as it likes.
func (p *Package) String() string {
	text := strings.TrimSpace(fmt.Sprintf("%.100s %.100s", p.Name, p.Version))
	if p.Source != "" && p.Source != p.Name+" "+p.Version {
		text += fmt.Sprintf(" of the source %.100s", p.Source)
	}
	return text
}

// reportedAmong lists files in which only the distribution's packages are, and of which the report names a package of a language.
func (b *book) reportedAmong(own map[string]bool) []string {
	paths := []string{}
	for at := range b.found {
		if at.path != "" && own[at.path] {
			paths = append(paths, at.path)
		}
	}
	slices.Sort(paths)
	return fitting(slices.Compact(paths), len(paths), ownBytes)
}

// shortList has each of the lists in the order of paths, and behind each other.
func shortList(lists ...[]Answer) []Answer {
	all := []Answer{} // null is no list to those who read accounting.json
	for _, list := range lists {
		slices.SortStableFunc(list, func(a, b Answer) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(string(a.Kind), string(b.Kind)))
		})
		all = append(all, list...)
	}
	return fitting(all, mostListed, listBytes)
}

// fitting keeps the first ones that fit.
func fitting[T any](all []T, most, bytes int) []T {
	for n, each := range all {
		text, err := json.Marshal(each)
		if bytes -= len(text) + 1; n == most || err != nil || bytes < 0 {
			return all[:n]
		}
	}
	return all
}
