//go:build registry && linux

package main

import "regexp"

// repository is a repository in Amazon ECR, the only registry that the build reads from. On the command line an
// image is given as a layout.
type repository struct {
	host, region, name string
	fips, dualStack    bool
}

var (
	ecrHost        = regexp.MustCompile(`^[0-9]{12}\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$`)
	ecrDualStack   = regexp.MustCompile(`^[0-9]{12}\.dkr-ecr(-fips)?\.([a-z0-9-]+)\.on\.(aws|amazonwebservices\.com\.cn)$`)
	repositoryName = regexp.MustCompile(`^[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*$`)
	sourceName     = regexp.MustCompile(`^([^/]+)/(.+)$`)
)

func repositoryOf(name string) (repository, error) {
	parts := sourceName.FindStringSubmatch(name)
	if parts == nil || !repositoryName.MatchString(parts[2]) {
		return repository{}, fail(scannerFailed, "%.300q is neither a folder nor <registry host>/<repository>", name)
	}
	r := repository{host: parts[1], name: parts[2]}
	if m := ecrHost.FindStringSubmatch(r.host); m != nil {
		r.fips, r.region = m[1] != "", m[2]
		return r, nil
	}
	if m := ecrDualStack.FindStringSubmatch(r.host); m != nil {
		r.fips, r.region, r.dualStack = m[1] != "", m[2], true
		return r, nil
	}
	return repository{}, fail(scannerFailed, "%.300q is no registry of Amazon ECR: copy the image into a layout and give its folder", r.host)
}

func isECR(host string) bool { return ecrHost.MatchString(host) || ecrDualStack.MatchString(host) }
