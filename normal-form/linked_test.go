package main

import "testing"

func TestWhatOnlyALinkReachesIsThereForTrivy(t *testing.T) {
	status := file("opt/dpkg/status", "Package: foo")
	const node, python = `{"name":"minimist","version":"0.0.8"}`, "Name: Django\nVersion: 3.2\n"
	for name, c := range map[string]struct {
		layers [][]thing
		want   []string // the entries of the layer that is added
	}{
		"a folder link":             {[][]thing{{status, link("var/lib/dpkg", "/opt/dpkg")}}, []string{"var/lib/dpkg/status = Package: foo"}},
		"a file link":               {[][]thing{{status, link("var/lib/dpkg/status", "../../../opt/dpkg/status")}}, []string{"var/lib/dpkg/status = Package: foo"}},
		"over two layers":           {[][]thing{{status}, {link("var/lib/dpkg", "/opt/dpkg")}}, []string{"var/lib/dpkg/status = Package: foo"}},
		"more than the root's ..":   {[][]thing{{status, link("var/lib/dpkg", "../../../../opt/dpkg")}}, []string{"var/lib/dpkg/status = Package: foo"}},
		"through proc":              {[][]thing{{status, link("var/lib/dpkg", "/proc/self/root/opt/dpkg")}}, []string{"var/lib/dpkg/status = Package: foo"}},
		"through a link to proc":    {[][]thing{{status, link("p", "proc/1"), link("var/lib/dpkg", "/p/root/opt/dpkg")}}, []string{"var/lib/dpkg/status = Package: foo"}},
		"a folder of files":         {[][]thing{{file("s/a", "1"), file("s/b", "2"), link("var/lib/dpkg/status.d", "/s")}}, []string{"var/lib/dpkg/status.d/a = 1", "var/lib/dpkg/status.d/b = 2"}},
		"two names of one file":     {[][]thing{{file("r/Packages", "1"), link("var/lib/rpm", "/r"), link("usr/lib/sysimage/rpm", "/r")}}, []string{"usr/lib/sysimage/rpm/Packages = 1"}},
		"two releases of one file":  {[][]thing{{file("r", "1"), link("etc/alpine-release", "/r"), link("etc/os-release", "/r")}}, []string{"etc/alpine-release = 1", "etc/os-release = 1"}},
		"usrmerge":                  {[][]thing{{file("usr/lib/apk/db/installed", "1"), link("lib", "usr/lib")}}, nil},
		"Fedora":                    {[][]thing{{file("usr/lib/sysimage/rpm/rpmdb.sqlite", "1"), link("var/lib/rpm", "../../usr/lib/sysimage/rpm")}}, nil},
		"Debian":                    {[][]thing{{file("usr/lib/os-release", "1"), link("etc/os-release", "../usr/lib/os-release")}}, nil},
		"Rocky":                     {[][]thing{{file("etc/rocky-release", "1"), link("etc/redhat-release", "rocky-release"), link("etc/system-release", "redhat-release")}}, nil},
		"of Node":                   {[][]thing{{file("a/package.prod.json", node), link("a/package.json", "package.prod.json")}}, []string{"a/package.json = " + node}},
		"of Node, by two names":     {[][]thing{{file("s", node), link("a/package.json", "/s"), link("b/package.json", "/s")}}, []string{"a/package.json = " + node, "b/package.json = " + node}},
		"of Python, in a folder":    {[][]thing{{file("s/METADATA", python), link("a.dist-info", "/s")}}, []string{"a.dist-info/METADATA = " + python}},
		"of Node, and of no name":   {[][]thing{{file("s", "{}"), link("a/package.json", "/s")}}, nil},
		"a package in two places":   {[][]thing{{file("s/package.json", node), link("node_modules", "/s")}}, nil},
		"the file was deleted":      {[][]thing{{status, link("var/lib/dpkg", "/opt/dpkg")}, {file("opt/dpkg/.wh.status", "")}}, nil},
		"the link was replaced":     {[][]thing{{status, link("var/lib/dpkg", "/opt/dpkg")}, {folder("var"), folder("var/lib"), folder("var/lib/dpkg")}}, nil},
		"a link to itself":          {[][]thing{{link("var/lib/dpkg", "dpkg")}}, nil},
		"a link to nowhere":         {[][]thing{{link("var/lib/dpkg", "/none")}}, nil},
		"a link below a file":       {[][]thing{{file("f", "1"), link("var/lib/dpkg", "/f/x")}}, nil},
		"a link to a folder":        {[][]thing{{folder("f"), link("etc/os-release", "/f")}}, nil},
		"a link where none is read": {[][]thing{{status, link("etc/x-release", "/opt/dpkg/status")}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := imageOf(t, c.layers...).accepted()
			if c.want == nil {
				for _, l := range r.Layers {
					if l.Holds == holdsLinked {
						t.Fatalf("a layer more: %q", r.files())
					}
				}
				return
			}
			r.has(len(c.layers), c.want...)
			// What is found there is said of the layer that has the file.
			if r.Layers[len(c.layers)].DiffID != r.Layers[0].DiffID || r.Layers[len(c.layers)].Digest != r.Layers[0].Digest {
				t.Fatal(r.Layers)
			}
		})
	}
}
