package main

import "path"

// source of packages or of the distribution's name, as one of Trivy's analyzers knows it. Trivy 0.74 reads these exact paths only
// (Required in its pkg/fanal/analyzer/os/* and pkg/fanal/analyzer/pkg/*), and follows no links to them, as every program in the container does.
type scanned struct {
	paths   []string
	folders []string // each file directly in them
	release bool
}

var scannedPaths = []scanned{
	{release: true, paths: []string{"etc/os-release", "usr/lib/os-release"}},
	{release: true, paths: []string{"etc/alpine-release"}},
	{release: true, paths: []string{"etc/debian_version"}},
	{release: true, paths: []string{"etc/lsb-release"}},
	{release: true, paths: []string{"etc/redhat-release"}},
	{release: true, paths: []string{"etc/centos-release"}},
	{release: true, paths: []string{"etc/rocky-release"}},
	{release: true, paths: []string{"etc/almalinux-release"}},
	{release: true, paths: []string{"etc/oracle-release"}},
	{release: true, paths: []string{"etc/fedora-release", "usr/lib/fedora-release"}},
	{release: true, paths: []string{"etc/system-release", "usr/lib/system-release"}},
	{paths: []string{"etc/apk/repositories"}},
	{paths: []string{"var/lib/ubuntu-advantage/status.json"}},

	{paths: []string{"lib/apk/db/installed", "usr/lib/apk/db/installed"}},
	// The lists of files in info/ are left out: by them Trivy drops packages from its list, it never adds one.
	{paths: []string{"var/lib/dpkg/status"}, folders: []string{"var/lib/dpkg/status.d"}},
	{paths: []string{
		"usr/lib/sysimage/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db", "usr/lib/sysimage/rpm/rpmdb.sqlite",
		"var/lib/rpm/Packages", "var/lib/rpm/Packages.db", "var/lib/rpm/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite",
	}},
	{paths: []string{"var/lib/rpmmanifest/container-manifest-2"}},
	{paths: []string{
		"aarch64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
		"x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
	}},
}

func (s scanned) reads(p string) bool {
	for _, own := range s.paths {
		if own == p {
			return true
		}
	}
	for _, folder := range s.folders {
		if path.Dir(p) == folder {
			return true
		}
	}
	return false
}

// isReadAnyway: what a link leads to is read at its own place. The files with a distribution's name link to each other
// (redhat-release -> rocky-release), and say the same under each name.
func (s scanned) isReadAnyway(target string) bool {
	if !s.release {
		return s.reads(target)
	}
	for _, other := range scannedPaths {
		if other.release && other.reads(target) {
			return true
		}
	}
	return false
}

// isDatabase: a database of packages at this path.
func isDatabase(p string) bool {
	for _, s := range scannedPaths {
		for _, own := range s.paths {
			if own == p {
				return !s.release
			}
		}
	}
	return false
}
