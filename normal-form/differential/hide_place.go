package differential

import (
	"path"
	"strings"
)

// placeHidings change where a file lies, and by which names it is reached.
var placeHidings = []hiding{
	{"file behind a link", "", func(i *packageImage, at *declaring) {
		was := at.name
		at.name = "opt/" + pick(i.generator, "x", "a/b", "data.bin", path.Base(was), "x.tar", ".hidden")
		i.add(at.layer, symlink(was, pick(i.generator, "/"+at.name, strings.Repeat("../", strings.Count(was, "/"))+at.name, "/proc/self/cwd/"+at.name, "/proc/self/root/"+at.name, "/./opt/../"+at.name)))
	}},
	{"folder behind a link", "", func(i *packageImage, at *declaring) {
		parts := strings.Split(at.name, "/")
		if len(parts) < 2 {
			return
		}
		folder := strings.Join(parts[:1+i.Intn(len(parts)-1)], "/")
		to := "mnt/" + pick(i.generator, "x", "store", path.Base(folder))
		for _, l := range i.layers {
			for _, e := range l.entries {
				if strings.HasPrefix(e.name, folder+"/") {
					e.name = to + strings.TrimPrefix(e.name, folder)
				}
			}
		}
		i.add(0, symlink(folder, pick(i.generator, "/"+to, strings.Repeat("../", strings.Count(folder, "/"))+to, "/proc/self/cwd/"+to)))
	}},
	{"hard link", "", func(i *packageImage, at *declaring) {
		was := at.name
		at.name = "opt/" + pick(i.generator, "x", "a/b", "data.bin")
		l := hardlink(was, at.name)
		l.mode = at.mode
		i.add(at.layer, l)
	}},
	{"link to itself", "", func(i *packageImage, at *declaring) {
		folder, _ := splitPath(at.name)
		i.add(at.layer, symlink(folder+"loop", pick(i.generator, ".", "..", "loop", "/", "/proc/self/cwd")))
	}},
	{"folder of another name", "npm pip go maven gem composer cargo", func(i *packageImage, at *declaring) {
		first, rest, found := strings.Cut(at.name, "/")
		if !found {
			return
		}
		to := pick(i.generator, strings.ToUpper(first), "proc", "sys", "dev", ".git", ".wh", "a\nb", "a\\b", "\xff\xfe", " ", "a b", "~", "node_modules", "vendor", "test", "usr/share/doc", "usr/lib/python3/dist-packages",
			"tmp", "run", "var/cache", "boot", strings.Repeat("d/", 60)+"d", strings.Repeat("n", 255), "ü", "\u202e", "a:b", "a%2fb", "-", "...", "var/lib/docker", "nix/store/x", "root/.cache", "usr/local/lib/node_modules/npm", "lost+found", "x.jar", "__pycache__", "site-packages", "etc", "METADATA", "package.json", "com.docker.backend", "$RECYCLE.BIN", "*", "?", "[a]", "{a,b}", "\x01")
		for _, l := range i.layers {
			for _, e := range l.entries {
				if strings.HasPrefix(e.name, first+"/") {
					e.name = to + "/" + strings.TrimPrefix(e.name, first+"/")
				}
			}
		}
		_ = rest
	}},
	{"file in another place", "npm pip go maven cargo", func(i *packageImage, at *declaring) {
		_, base := splitPath(at.name)
		at.name = pick(i.generator, "", "a/", "usr/bin/", "etc/", "a.dist-info/", "b.egg-info/", "node_modules/", "META-INF/", "EGG-INFO/", "specifications/", "composer/", "bin/x/y/z/") + base
	}},
	{"another mode", "", func(i *packageImage, at *declaring) {
		at.mode = pick[int64](i.generator, 0, 0o400, 0o111, 0o644, 0o755, 0o4755, 0o777, 0o1777)
	}},
	{"no content", "", func(i *packageImage, at *declaring) { at.set("") }},
	{"copied to a second place", "", func(i *packageImage, at *declaring) {
		e := at.clone()
		e.name = pick(i.generator, "copy/", "backup/a/", "x.bak/") + at.name
		i.add(i.Intn(len(i.layers)), e)
	}},
	{"an SBOM that speaks for it", "", func(i *packageImage, at *declaring) {
		kind := map[string]string{"npm": "node-pkg", "pip": "python-pkg", "maven": "jar", "go": "gobinary", "gem": "gemspec", "composer": "composer-vendor", "cargo": "rustbinary", "dpkg": "dpkg", "rpm": "rpm", "apk": "apk"}[at.manager]
		sbom := `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"bom-ref":"a","type":"library","name":"ok","version":"1","purl":"pkg:npm/ok@1","properties":[{"name":"aquasecurity:trivy:FilePath","value":"` + asJSONText(at.name) + `"},{"name":"aquasecurity:trivy:PkgType","value":"` + kind + `"}]}]}`
		i.add(i.Intn(len(i.layers)), file(pick(i.generator, "a.cdx.json", "opt/bitnami/x/.spdx-x.spdx", "x/bom.json", "usr/share/sbom/x.cdx.json", "opt/bitnami/a/.spdx-a.spdx"), sbom))
	}},
}

func asJSONText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(asJSON(s))
}
