package books

import (
	"os"
	"testing"
)

func TestDeclareDotNet(t *testing.T) {
	const at = "app/app.deps.json"
	const libraries = `"libraries":{"App/1.0.0":{"type":"project"},"Newtonsoft.Json/12.0.1":{"type":"package"},"Ref/1.0.0":{"type":"reference"},` +
		`"Build/1.0.0":{"type":"package"},"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0":{"type":"runtimepack"},"odd":{"type":"package"}}`
	const targets = `"runtimeTarget":{"name":"net8"},"targets":{"net8":{"App/1.0.0":{"runtime":{}},"Newtonsoft.Json/12.0.1":{"runtime":{"a.dll":{}}},"Build/1.0.0":{}}}`
	for name, c := range map[string]struct{ text, want string }{
		"libraries of the target": {`{` + targets + `,` + libraries + `}`, "App@1.0.0 Newtonsoft.Json@12.0.1 Microsoft.NETCore.App.Runtime.linux-x64@8.0.0"},
		"without a target":        {`{` + libraries + `}`, "App@1.0.0 Newtonsoft.Json@12.0.1 Build@1.0.0 Microsoft.NETCore.App.Runtime.linux-x64@8.0.0"},
		"libraries twice":         {`{"libraries":{"A/1":{"type":"Package"}},"libraries":{"B/2":{"type":"package"}}}`, "A@1 B@2"},
		"targets twice":           {`{` + targets + `,"targets":{"net8":{"App/1.0.0":{},"Newtonsoft.Json/12.0.1":{}}},` + libraries + `}`, "App@1.0.0 Newtonsoft.Json@12.0.1 Microsoft.NETCore.App.Runtime.linux-x64@8.0.0"},
		"one target twice":        {`{"runtimeTarget":{"name":"t"},"targets":{"t":{"A/1":{"native":{}}},"t":{"A/1":{}}},"libraries":{"A/1":{"type":"package"}}}`, "A@1"},
		"two names of the target": {`{"runtimeTarget":{"name":"t","name":"u"},"targets":{"t":{"A/1":{"native":{}}},"u":{"A/1":{}}},"libraries":{"A/1":{"type":"package"}}}`, "A@1"},
		"a comment and escapes":   {`{/* hosts skip this */"libr\u0061ries":{"A/1":{"type":"package"}}}`, "broken"},
		"a byte-order mark":       {"\xef\xbb\xbf" + `{"libraries":{"A/1":{"type":"package"}}}`, "A@1"},
		"nothing":                 {`{}`, "nameless"},
		"something else":          {`deps`, "nameless"},
		"no JSON":                 {`{"libraries":{"A/1":{"type":"package"}}`, "broken"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, files{at: c.text}, at+" dotnet-core "+c.want) })
	}
}

func TestDeclareGem(t *testing.T) {
	const at = "usr/lib/ruby/gems/3.1.0/specifications/rake-13.0.6.gemspec"
	real, err := os.ReadFile("testdata/rake.gemspec")
	if err != nil {
		t.Fatal(err)
	}
	spec := func(lines string) string { return "Gem::Specification.new do |s|\n" + lines + "\nend\n" }
	for name, c := range map[string]struct{ text, want string }{
		"as RubyGems writes it": {string(real), "rake@13.0.6"},
		"of old":                {spec("  s.name = %q{rake}\n  s.version = \"0.9\"\n"), "rake@0.9"},
		"with other quotes":     {spec("  s.name = 'rake'\n  s.version = Gem::Version.new(\"0.9\")\n"), "rake@0.9"},
		"computed":              {spec("  s.name = \"rake\"\n  s.version = Rake::VERSION\n"), "broken"},
		"put together":          {spec("  s.name = \"ra\" + \"ke\"\n  s.version = \"1\"\n"), "broken"},
		"with a variable":       {spec("  s.name = \"rake\"\n  s.version = \"#{v}\"\n"), "broken"},
		"two values":            {spec("  s.name = \"rake\"\n  s.version = \"1\"\n  s.version = \"2\"\n"), "broken"},
		"another stub":          {"# stub: rack 1.0 ruby lib\n" + spec("  s.name = \"rake\"\n  s.version = \"1\"\n"), "broken"},
		"behind the end":        {"__END__\n" + spec("  s.name = \"rake\"\n  s.version = \"1\"\n"), "broken"},
		"in a comment":          {"=begin\n" + spec("  s.name = \"rake\"\n  s.version = \"1\"\n"), "broken"},
		"empty":                 {"", "broken"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, files{at: c.text}, at+" gemspec "+c.want) })
	}
	expect(t, files{
		"gems/3.1/specifications/default/json-2.gemspec": spec("  s.name = \"json\"\n  s.version = \"2\"\n"),
		"gems/3.1/gems/json-2/json.gemspec":              "a copy",
		"gems/3.1/bundler/gems/rack-abc123/rack.gemspec": "computed",
	},
		"gems/3.1/bundler/gems/rack-abc123/rack.gemspec gemspec unread",
		"gems/3.1/specifications/default/json-2.gemspec gemspec json@2")
}

func TestDeclareComposer(t *testing.T) {
	const list = `[{"name":"a/b","version":"v1.0.0","version_normalized":"1.0.0.0"},{"version":"2"}]`
	expect(t, files{
		"1/vendor/composer/installed.json": list,
		"2/vendor/composer/installed.json": `{"packages":[],"packages":` + list + `,"dev":true}`,
		"3/vendor/composer/installed.json": `{"packages":[]}`,
		"4/vendor/composer/installed.json": `{"packages":`,
		"5/vendor/installed.json":          `{"packages":` + list + `}`,
		"6/other/installed.json":           `{"apps":[]}`,
		"1/vendor/composer/installed.php":  `<?php return array();`,
		"7/vendor/composer/installed.php":  `<?php return array();`,
	},
		"1/vendor/composer/installed.json composer-vendor a/b@v1.0.0",
		"2/vendor/composer/installed.json composer-vendor a/b@v1.0.0",
		"3/vendor/composer/installed.json composer-vendor nameless",
		"4/vendor/composer/installed.json composer-vendor broken",
		"5/vendor/installed.json composer-vendor a/b@v1.0.0",
		"7/vendor/composer/installed.php composer-vendor unread")
}

func TestDeclareConda(t *testing.T) {
	expect(t, files{
		"opt/conda/conda-meta/openssl-1.1.1-h1.json":        `{"name":"openssl","version":"1.1.1","Version":"9"}`,
		"opt/conda/envs/a/conda-meta/zlib.json":             `{"version":"9","name":"zlib","version":"1.2"}`,
		"opt/conda/envs/a/conda-meta/history":               `text`,
		"opt/conda/envs/a/conda-meta/broken.json":           `{`,
		"opt/conda/envs/a/conda-meta/a.json/conda-meta.txt": `{`,
	},
		"opt/conda/conda-meta/openssl-1.1.1-h1.json conda-pkg openssl@1.1.1 unread",
		"opt/conda/envs/a/conda-meta/broken.json conda-pkg broken",
		"opt/conda/envs/a/conda-meta/zlib.json conda-pkg zlib@1.2")
}

func TestUnread(t *testing.T) {
	yarn := zipped(t, entry{"node_modules/minimist/package.json", `{` + minimist + `}`})
	expect(t, files{
		"app/.yarn/cache/minimist-npm-0.0.8.zip":            yarn,
		"app/.yarn/cache/other-npm-1.zip":                   yarn,
		"app/.yarn/cache/log4j.zip":                         zipped(t, log4j),
		"app/other.zip":                                     yarn,
		"app/composer.phar":                                 "#!/usr/bin/env php\n<?php\n__HALT_COMPILER(); ?>\n" + "data",
		"app/signed":                                        "<?php data \x02\x00\x00\x00GBMB",
		"app/a.asar":                                        "\x04\x00\x00\x00\x20\x00\x00\x00\x1c\x00\x00\x00\x15\x00\x00\x00" + `{"files":{"a":{}}}      `,
		"root/.npm/_cacache/content-v2/sha512/aa/bb/1":      "tgz",
		"root/.npm/_cacache/content-v2/sha512/aa/bb/2":      "tgz",
		"root/.npm/_cacache/index-v5/aa/bb/2":               "index",
		"home/.cache/pip/selfcheck/a.json":                  "left by any pip",
		"root/.cache/pip/http-v2/a/b":                       "cached",
		"nix/store/abc-openssl-1.1/lib/a":                   "",
		"nix/store/abc-openssl-1.1/lib/b":                   "",
		"nix/store/def-zlib-1.2/lib/a":                      "",
		"usr/lib/R/library/MASS/DESCRIPTION":                "Package: MASS\nVersion: 7.3-58\nTitle: x\nBuilt: R 4.2.2; ; 2023\n",
		"src/MASS/DESCRIPTION":                              "Package: MASS\nVersion: 7.3-58\n",
		"srv/META-INF/maven/g/a/pom.properties":             "groupId=g\nartifactId=a\nversion=1\n",
		"usr/lib/perl5/auto/Foo/Bar/.packlist":              "/usr/lib/perl5/Foo/Bar.pm\n",
		"usr/lib/luarocks/rocks-5.4/lpeg/1.0/rock_manifest": "rock_manifest = {}",
	},
		"app/.yarn/cache yarn-cache unread",
		"app/.yarn/cache/log4j.zip jar "+isLog4j,
		"app/a.asar asar unread",
		"app/composer.phar phar unread",
		"app/other.zip node-pkg minimist@0.0.8 unread",
		"app/signed phar unread",
		"nix/store nix unread",
		"root/.cache/pip pip-cache unread",
		"root/.npm/_cacache npm-cache unread",
		"srv/META-INF/maven/g/a/pom.properties jar g:a@1 unread",
		"usr/lib/R/library/MASS/DESCRIPTION r MASS@7.3-58 unread",
		"usr/lib/luarocks/rocks-5.4/lpeg/1.0/rock_manifest lua lpeg@1.0 unread",
		"usr/lib/perl5/auto/Foo/Bar/.packlist perl Foo::Bar@ unread")
}

func TestCounts(t *testing.T) {
	for _, d := range LanguagePackages(files{"nix/store/a/1": "", "nix/store/a/2": "", "nix/store/b": "", "root/.npm/_cacache/content-v2/1": "", "root/.npm/_cacache/content-v2/2": ""}) {
		if want := map[string]string{"nix/store": "2 packages of Nix, which Trivy does not read"}[d.Path]; want != "" && d.Unread != want || d.Layer != 1 {
			t.Errorf("%+v", d)
		}
	}
}

func TestSamePackages(t *testing.T) {
	for _, c := range []struct {
		kind                  Kind
		name, version         string
		reported, reportedVer string
		same                  bool
	}{
		{Python, "Foo.bar_baz", "1", "foo-bar--baz", "1", true},
		{Python, "foo", "1", "fo-o", "1", false},
		{DotNet, "Newtonsoft.Json", "1", "newtonsoft.json", "1", true},
		{Composer, "A/b", "1", "a/B", "1", true},
		{Node, "A", "1", "a", "1", false},
		{Jar, "g:a", "1", "g:A", "1", false},
		{Jar, "g:\xe9", "1", "g:\ufffd", "1", true},
		{Jar, "a", "2.17.0", "a", "2.17", true},
		{Jar, "a", "2.17.0.Final", "a", "2.17", true},
		{Jar, "a", "2.170", "a", "2.17", false},
		{Node, "a", "2.17.0", "a", "2.17", false},
		{Go, "a", "", "a", "v1.2.3", true},
		{Go, "a", "v1.2.3", "a", "", false},
		{Jar, "a", ".0", "a", "2", false},
		{Dpkg, "a", "0:1", "a", "1", true},
		{Dpkg, "a", "", "a", "1", false},
	} {
		found := packages{map[Package]bool{}, map[string]bool{}}
		found.add(c.kind, Package{Name: c.reported, Version: c.reportedVer})
		if found.has(c.kind, Package{Name: c.name, Version: c.version}) != c.same {
			t.Errorf("%+v", c)
		}
	}
}

func FuzzDeclareDotNet(f *testing.F) {
	f.Add([]byte(`{"runtimeTarget":{"name":"a"},"targets":{"a":{"b/1":{}}},"libraries":{"b/1":{"type":"package"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) { declareNoPanic(t, declareDotNet, text) })
}

func FuzzDeclareGem(f *testing.F) {
	f.Add([]byte("# stub: a 1 ruby lib\nGem::Specification.new do |s|\n s.name = \"a\".freeze\n s.version = %q{1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) { declareSomething(t, declareGem, text) })
}

func FuzzDeclareComposer(f *testing.F) {
	f.Add([]byte(`{"packages":[{"name":"a/b","version":"1"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		declareSomething(t, func(d *Declaration, text []byte) { declareComposer(d, text) }, text)
	})
}

func FuzzDeclareConda(f *testing.F) {
	f.Add([]byte(`{"name":"a","version":"1"}`))
	f.Fuzz(func(t *testing.T, text []byte) { declareSomething(t, declareConda, text) })
}

// declareNoPanic: names may be empty here.
func declareNoPanic(t *testing.T, declare func(*Declaration, []byte), text []byte) {
	t.Helper()
	var d Declaration
	declare(&d, text)
	if len(d.Packages) == 0 && d.Nameless == "" && d.Broken == "" {
		t.Errorf("%q declares neither packages nor a reason: %+v", text, d)
	}
}
