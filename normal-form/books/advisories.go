package books

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Advisories of the distributions, in Trivy's database: a bucket for each platform, such as "debian 12", and in it one for each package that has any.
type Advisories struct {
	db *bolt
}

// OpenAdvisories of a file of Trivy's database. What it cannot read later, it does not know.
func OpenAdvisories(file io.ReaderAt, size int64) (*Advisories, error) {
	db, err := openBolt(file, size)
	if err != nil {
		return nil, fmt.Errorf("the database of advisories cannot be read: %w; download it anew", err)
	}
	return &Advisories{db}, nil
}

// Knows says whether there are advisories for a package of the platform.
func (a *Advisories) Knows(platform, pkg string) bool {
	packages, found := a.db.bucket(a.db.root, platform)
	if !found || pkg == "" {
		return false
	}
	_, found = a.db.bucket(packages, pkg)
	return found
}

// KnownTo says whether the distribution's advisories know the package: by the name of its source or by its own, as the distribution counts. Red Hat's
// know packages of modules by the module, too, which the owner does not tell; most have advisories without it as well.
func KnownTo(a *Advisories, family, release string, owner Owner) bool {
	platform := platformOf(family, release)
	if platform == "" || families[family].manager != owner.Manager {
		return false
	}
	if families[family].bySource {
		return a.Knows(platform, owner.Source)
	}
	return a.Knows(platform, owner.Name)
}

// IsDistributions says whether a package is the distribution's own, so that its advisories speak of what is in it.
//
// It goes by three things: the advisories know the package, the vendor of an rpm is the distribution, and the version of a deb has no mark of another
// archive. What remains are the packages of others that have the name of one of the distribution and a version like its own: whoever builds for
// themselves without a mark, as `1.26.1-1` of a program that Debian has, too. A maintainer does not tell them apart, since many of Debian's have private
// addresses and some archives write Debian's; nor does a hash, since no signature is in the image. Of apk nothing but the name is known.
func IsDistributions(a *Advisories, family, release string, owner Owner) bool {
	if !KnownTo(a, family, release, owner) {
		return false
	}
	switch owner.Manager {
	case Dpkg:
		return !isOfOtherArchive(owner.Version)
	case Rpm:
		return isOfVendor(families[family], owner)
	}
	return true
}

// isOfVendor: early packages of Amazon have none, and a release of its own form.
func isOfVendor(f family, owner Owner) bool {
	if owner.Vendor == "" {
		return slices.Contains(f.vendors, "Amazon.com") && strings.Contains(owner.Version, "amzn")
	}
	return slices.ContainsFunc(f.vendors, func(vendor string) bool { return strings.HasPrefix(owner.Vendor, vendor) })
}

// otherArchive are marks in versions of packages that others than Debian and Ubuntu build for these: PGDG's "16.4-1.pgdg120+1", Sury's
// "8.3.9-1+0~20240801.34+debian12~1" and "+deb.sury.org~jammy+1", a PPA's "~ppa1" and "~gpu22.04.1", NodeSource's "-1nodesource1", MariaDB's
// "+maria~deb12", MySQL's "-1debian12". The names of releases are another mark: "~bookworm", "+jammy1". Debian itself writes +deb12u1 and ~bpo12+1,
// Ubuntu ubuntu0.22.04.1. None of the 63,678 versions of Debian 12 has any of them.
var otherArchive = regexp.MustCompile(`(?i)pgdg|ppa|sury|nodesource|maria|percona|docker|~gpu|deadsnakes|launchpad|backport|[+~0-9]debian\.?(9|1[0-9])` +
	`|[+~.-][a-z][a-z0-9-]*\.(org|com|net|io|dev|de|eu)\b` +
	`|[+~.-](jessie|stretch|buster|bullseye|bookworm|trixie|forky|sid|trusty|xenial|bionic|focal|jammy|kinetic|lunar|mantic|noble|oracular|plucky|questing|resolute)`)

func isOfOtherArchive(version string) bool {
	return otherArchive.MatchString(version)
}
