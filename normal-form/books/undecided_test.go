package books

import (
	"maps"
	"testing"
)

// with adds files to a tree.
func (t systemTree) with(more systemTree) systemTree {
	all := maps.Clone(t)
	maps.Copy(all, more)
	return all
}

// Release files of images, as their distributions have them.
var (
	debian12 = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "etc/debian_version": "12.11\n", dpkgStatus: stanzaOf("a", "1"),
		"usr/lib/os-release": "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n",
	}
	ubuntu2404 = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "etc/debian_version": "trixie/sid\n", dpkgStatus: stanzaOf("a", "1"),
		"usr/lib/os-release": "NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n",
		"etc/lsb-release":    "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\nDISTRIB_CODENAME=noble\n",
	}
	distroless = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "etc/debian_version": "12.11\n", dpkgParts + "/base": "Package: base-files\nVersion: 12.4\n",
		"usr/lib/os-release": "PRETTY_NAME=\"Distroless\"\nNAME=\"Debian GNU/Linux\"\nID=\"debian\"\nVERSION_ID=\"12\"\n",
	}
	alpine319 = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "usr/lib/os-release": "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.19.1\n", "etc/alpine-release": "3.19.1\n",
		"lib/apk/db/installed": apkTwo,
		"etc/apk/repositories": "https://example.org/alpine/v3.19/main\nhttps://example.org/alpine/v3.19/community\n",
	}
	wolfiBase = systemTree{"etc/os-release": "ID=wolfi\nNAME=\"Wolfi\"\nVERSION_ID=\"20230201\"\n", "usr/lib/apk/db/installed": apkTwo, "etc/apk/repositories": "https://example.org/os\n"}
	ubi9      = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "usr/lib/os-release": "NAME=\"Red Hat Enterprise Linux\"\nID=\"rhel\"\nVERSION_ID=\"9.4\"\n",
		"etc/redhat-release": "Red Hat Enterprise Linux release 9.4 (Plow)\n", "etc/system-release": "-> redhat-release", rpmManifest: oneRpm,
		"root/buildinfo/content_manifests/ubi9.json": `{"content_sets": ["a"]}`, "root/buildinfo/Dockerfile-ubi9": "FROM scratch\n",
	}
	rocky9 = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "usr/lib/os-release": "NAME=\"Rocky Linux\"\nID=\"rocky\"\nVERSION_ID=\"9.4\"\n",
		"etc/rocky-release": "Rocky Linux release 9.4 (Blue Onyx)\n", "etc/redhat-release": "-> rocky-release", "etc/system-release": "-> rocky-release",
		"etc/centos-release": "-> rocky-release", rpmManifest: oneRpm,
	}
	centos7 = systemTree{
		"etc/os-release": "NAME=\"CentOS Linux\"\nID=\"centos\"\nVERSION_ID=\"7\"\n", "etc/centos-release": "CentOS Linux release 7.9.2009 (Core)\n",
		"etc/redhat-release": "-> centos-release", rpmManifest: oneRpm,
	}
	stream9 = systemTree{
		"etc/os-release": "NAME=\"CentOS Stream\"\nID=\"centos\"\nVERSION_ID=\"9\"\n", "etc/centos-release": "CentOS Stream release 9\n",
		"etc/redhat-release": "-> centos-release", rpmManifest: oneRpm,
	}
	alma9 = systemTree{
		"etc/os-release": "NAME=\"AlmaLinux\"\nID=\"almalinux\"\nVERSION_ID=\"9.4\"\n", "etc/almalinux-release": "AlmaLinux release 9.4 (Seafoam Ocelot)\n",
		"etc/redhat-release": "-> almalinux-release", "etc/system-release": "-> almalinux-release", rpmManifest: oneRpm,
	}
	oracle8 = systemTree{
		"etc/os-release": "NAME=\"Oracle Linux Server\"\nID=\"ol\"\nVERSION_ID=\"8.10\"\n", "etc/oracle-release": "Oracle Linux Server release 8.10\n",
		"etc/redhat-release": "Red Hat Enterprise Linux release 8.10 (Ootpa)\n", "etc/system-release": "-> oracle-release", rpmManifest: oneRpm,
	}
	amazon2023 = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "usr/lib/os-release": "NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nVERSION_ID=\"2023\"\n",
		"etc/system-release": "-> amazon-linux-release", "etc/amazon-linux-release": "-> ../usr/lib/system-release",
		"usr/lib/system-release": "Amazon Linux release 2023.5.20240722 (Amazon Linux)\n", rpmManifest: oneRpm,
	}
	amazon2 = systemTree{
		"etc/os-release": "NAME=\"Amazon Linux\"\nID=\"amzn\"\nVERSION_ID=\"2\"\n", "etc/system-release": "Amazon Linux release 2 (Karoo)\n", rpmManifest: oneRpm,
	}
	fedora40 = systemTree{
		"etc/os-release": "-> ../usr/lib/os-release", "usr/lib/os-release": "NAME=\"Fedora Linux\"\nID=fedora\nVERSION_ID=40\n",
		"etc/fedora-release": "-> ../usr/lib/fedora-release", "usr/lib/fedora-release": "Fedora release 40 (Forty)\n", "etc/redhat-release": "-> fedora-release",
		"etc/system-release": "-> fedora-release", rpmManifest: oneRpm,
	}
	leap155    = systemTree{"etc/os-release": "-> ../usr/lib/os-release", "usr/lib/os-release": "NAME=\"openSUSE Leap\"\nID=\"opensuse-leap\"\nVERSION_ID=\"15.5\"\n", rpmManifest: oneRpm}
	azure3     = systemTree{"etc/os-release": "NAME=\"Microsoft Azure Linux\"\nID=azurelinux\nVERSION_ID=\"3.0\"\n", rpmManifest: oneRpm}
	photon5    = systemTree{"etc/os-release": "NAME=\"VMware Photon OS\"\nID=photon\nVERSION_ID=5.0\n", "etc/lsb-release": "DISTRIB_ID=\"VMware Photon OS\"\nDISTRIB_RELEASE=\"5.0\"\n", rpmManifest: oneRpm}
	echo1      = debian12.with(systemTree{"usr/lib/os-release": "ID=echo\nVERSION_ID=1\n"})
	esmEnabled = `{"services": [{"name": "esm-infra", "status": "enabled"}]}`
	oneRpm     = "glibc\t2.38-3.azl3\t1\t1\tv\t(none)\t1\tx86_64\t0\tglibc-2.38-3.azl3.src.rpm\n"
	allHonest  = []systemTree{{}, {"app": "x"}, debian12, ubuntu2404, distroless, alpine319, wolfiBase, ubi9, rocky9, centos7, stream9, alma9, oracle8, amazon2023, amazon2,
		fedora40, leap155, azure3, photon5, echo1}
)

func TestHonestImagesAreDecided(t *testing.T) {
	for _, tree := range allHonest {
		checkListed(t, Undecided(tree), nil)
	}
	for name, tree := range map[string]systemTree{
		"a Debian with a folder for rpm":            debian12.with(systemTree{"var/lib/rpm/.rpm.lock": ""}),
		"an Alpine with a package of edge":          alpine319.with(systemTree{"etc/apk/repositories": "https://example.org/alpine/v3.19/main\nhttps://example.org/alpine/edge/testing\n"}),
		"an Alpine with a package of an older one":  alpine319.with(systemTree{"etc/apk/repositories": "https://example.org/alpine/v3.19/main\nhttps://example.org/alpine/v3.9/main\n"}),
		"Red Hat's with two equal manifests":        ubi9.with(systemTree{"root/buildinfo/content_manifests/b.json": `{"content_sets":["a"],"x":1}`}),
		"Red Hat's with a manifest in each layer":   ubi9.with(systemTree{"root/buildinfo/content_manifests/b.json": `{"content_sets":["b"]}`, "layer2:root/buildinfo/content_manifests/b.json": ""}),
		"an Ubuntu with extended maintenance":       ubuntu2404.with(systemTree{esmStatus: esmEnabled, "layer2:" + esmStatus: ""}),
		"a Debian with the client of Ubuntu's":      debian12.with(systemTree{esmStatus: `{"services": [{"name": "esm-infra", "status": "disabled"}]}`}),
		"a Debian with empty folders of pacman":     debian12.with(systemTree{"var/lib/pacman/local/ALPM_DB_VERSION": "9"}),
		"a system that keeps two equal os-releases": debian12.with(systemTree{"etc/os-release": debian12["usr/lib/os-release"] + "MORE=1\n"}),
	} {
		t.Run(name, func(t *testing.T) { checkListed(t, Undecided(tree), nil) })
	}
}

func TestUndecided(t *testing.T) {
	for _, c := range []struct {
		name string
		tree systemTree
		want []string
	}{
		{"two systems in two files", alpine319.with(systemTree{"etc/rocky-release": "Rocky Linux release 9.4\n"}), []string{"! \"etc/rocky-release\" says that the system is \"rocky 9.4\""}},
		{"two releases in two files", alpine319.with(systemTree{"etc/alpine-release": "3.11.0\n"}), []string{"! \"etc/alpine-release\" says"}},
		{"a system that only a container knows, over a Debian", debian12.with(systemTree{"etc/os-release": "-> /proc/self/cwd/opt/release", "opt/release": "ID=arch\n"}),
			[]string{"! \"etc/os-release\": it is a link through /proc"}},
		{"another system over a Debian", debian12.with(systemTree{"usr/lib/os-release": "ID=wolfi\nVERSION_ID=1\n"}),
			[]string{"! \"etc/debian_version\" says that the system is \"debian 12.11\"", "! whose packages are not of dpkg"}},
		{"a sys-root that no program reads", debian12.with(systemTree{sysRoots[1]: "ID=bottlerocket\nVERSION_ID=1.19\n"}), []string{"! \"etc/debian_version\" says", "! takes it for \"bottlerocket", "! not of dpkg"}},
		{"Photon over Red Hat's", ubi9.with(systemTree{"usr/lib/os-release": "ID=photon\nVERSION_ID=5.0\n"}), []string{"! \"etc/redhat-release\" says"}},
		{"two releases of Red Hat", ubi9.with(systemTree{"etc/redhat-release": "Red Hat Enterprise Linux release 8.4\n", "etc/system-release": ""}),
			[]string{"! \"etc/redhat-release\" says that the system is \"redhat 8.4\""}},
		{"two os-releases of one family that Trivy hears elsewhere", debian12.with(systemTree{"etc/os-release": "ID=debian\nVERSION_ID=11\n"}), []string{"! make the one a link"}},
		{"another number in debian_version", debian12.with(systemTree{"etc/debian_version": "11.3\n"}), []string{"! Trivy takes it for \"debian 11.3\""}},
		{"an Ubuntu without lsb-release", ubuntu2404.with(systemTree{"etc/lsb-release": ""}), []string{"! Trivy takes it for \"debian trixie/sid\"", "! no advisories"}},
		{"a Debian without debian_version", systemTree{"etc/os-release": "ID=debian\nVERSION_ID=12\n", dpkgStatus: stanzaOf("a", "1")}, []string{"! lists 1 packages, and no release file"}},
		{"a Wolfi without a number", wolfiBase.with(systemTree{"etc/os-release": "ID=wolfi\n"}), []string{"! lists 2 packages, and no release file"}},
		{"a Debian without a number", debian12.with(systemTree{"usr/lib/os-release": "ID=debian\n", "etc/debian_version": "trixie/sid\n"}), []string{"! no advisories"}},
		{"rpm in a Debian", debian12.with(systemTree{rpmManifest: oneRpm}), []string{"! not of rpm"}},
		{"a release file without end", debian12.with(systemTree{"etc/lsb-release": string(make([]byte, 100<<10))}), []string{"! more than 32 KiB"}},

		{"Arch", systemTree{"etc/os-release": "ID=arch\n", "var/lib/pacman/local/openssl-3.0/desc": "x"}, []string{"! \"arch\", which Trivy does not know", "! pacman"}},
		{"OpenWrt", systemTree{"etc/os-release": "ID=\"openwrt\"\nVERSION_ID=\"23.05\"\n", "usr/lib/opkg/status": "x"}, []string{"! \"openwrt 23.05\", which Trivy does not know", "! opkg"}},
		{"Void", systemTree{"etc/os-release": "ID=\"void\"\n", "var/db/xbps/pkgdb-0.38.plist": "x"}, []string{"! \"void\"", "! xbps"}},
		{"Gentoo", systemTree{"var/db/pkg/dev-libs/openssl-3.0/PF": "x"}, []string{"! Portage"}},
		{"Nix", systemTree{"nix/var/nix/db/db.sqlite": "x"}, []string{"! Nix"}},
		{"Slackware", systemTree{"var/lib/pkgtools/packages/openssl-3.0-x86_64-1": "x"}, []string{"! pkgtools"}},

		{"a repository that has no release", alpine319.with(systemTree{"etc/apk/repositories": "https://example.org/alpine/latest-stable/main\n"}), []string{"! \"latest-stable\""}},
		{"a repository of a later release", alpine319.with(systemTree{"etc/apk/repositories": "#https://example.org/alpine/v3.99/main\n"}), []string{"! \"3.99\""}},
		{"extended maintenance in a Debian", debian12.with(systemTree{esmStatus: esmEnabled, "layer2:" + esmStatus: ""}), []string{"! no other file does"}},
		{"extended maintenance in the layer of the base", ubuntu2404.with(systemTree{esmStatus: esmEnabled}), []string{"! do not squash"}},
		{"two manifests in one layer", ubi9.with(systemTree{"usr/share/buildinfo/b.json": `{"content_sets": []}`}), []string{"! by chance"}},
		{"two Dockerfiles in one layer", ubi9.with(systemTree{"root/buildinfo/Dockerfile-b": "FROM x"}), []string{"! by chance"}},
	} {
		t.Run(c.name, func(t *testing.T) { checkListed(t, Undecided(c.tree), c.want) })
	}
}
