package books

import (
	"strings"
	"testing"
)

func TestAFileThatOnlyALinkGivesItsNameIsListed(t *testing.T) {
	const (
		minimist = `{"name":"minimist","version":"0.0.8"}`
		metadata = "Metadata-Version: 2.1\nName: Django\nVersion: 3.2\n"
		gem      = "Gem::Specification.new do |s|\n  s.name = \"rack\".freeze\n  s.version = \"1.0\"\nend\n"
		deps     = `{"libraries":{"Acme.Json/1.0.0":{"type":"package"}}}`
		composer = `{"packages":[{"name":"acme/http","version":"1.0"}]}`
		conda    = `{"name":"openssl","version":"1.0"}`
	)
	for _, c := range []struct {
		name string
		tree systemTree
		want []string
	}{
		{"of Node", systemTree{"app/package.json": "-> ../opt/meta.txt", "opt/meta.txt": minimist}, []string{"app/package.json node-pkg minimist@0.0.8"}},
		{"over another link", systemTree{"app/package.json": "-> meta", "app/meta": "-> /opt/meta.txt", "opt/meta.txt": minimist}, []string{"app/package.json node-pkg minimist@0.0.8"}},
		{"of Python", systemTree{"lib/a.dist-info/METADATA": "-> /opt/meta.txt", "opt/meta.txt": metadata}, []string{"lib/a.dist-info/METADATA python-pkg Django@3.2"}},
		{"of Python, in a folder", systemTree{"lib/a.dist-info": "-> /opt/a", "opt/a/METADATA": metadata}, []string{"lib/a.dist-info/METADATA python-pkg Django@3.2"}},
		{"of Python, by two links", systemTree{"lib/a.dist-info": "-> /opt/a", "opt/a/METADATA": "-> ../b", "opt/b": metadata}, []string{"lib/a.dist-info/METADATA python-pkg Django@3.2"}},
		{"of Ruby", systemTree{"gems/specifications/rack.gemspec": "-> /opt/g", "opt/g": gem}, []string{"gems/specifications/rack.gemspec gemspec rack@1.0"}},
		{"of Ruby, in a folder", systemTree{"gems/specifications": "-> /opt/g", "opt/g/rack.gemspec": gem, "opt/g/default/a.gemspec": gem},
			[]string{"gems/specifications/default/a.gemspec gemspec rack@1.0", "gems/specifications/rack.gemspec gemspec rack@1.0"}},
		{"of .NET", systemTree{"app/a.deps.json": "-> b", "app/b": deps}, []string{"app/a.deps.json dotnet-core Acme.Json@1.0.0"}},
		{"of PHP", systemTree{"vendor/composer/installed.json": "-> b", "vendor/composer/b": composer}, []string{"vendor/composer/installed.json composer-vendor acme/http@1.0"}},
		{"of conda", systemTree{"opt/envs/a/conda-meta": "-> /srv/c", "srv/c/a-1-0.json": conda}, []string{"opt/envs/a/conda-meta/a-1-0.json conda-pkg openssl@1.0"}},

		{"nothing twice", systemTree{"app/node_modules/a": "-> /opt/a", "opt/a/package.json": minimist, "app/package.json": "-> /opt/a/package.json",
			"lib/a.dist-info": "-> /opt/a.dist-info", "opt/a.dist-info/METADATA": metadata},
			[]string{"opt/a.dist-info/METADATA python-pkg Django@3.2", "opt/a/package.json node-pkg minimist@0.0.8"}},
		{"nothing that only a container knows, but that it is not known", systemTree{"app/package.json": "-> /proc/self/cwd/opt/a", "lib/a.dist-info": "-> ../p/b", "p": "-> proc/self/cwd", "gems/specifications": "-> /proc/1/cwd/opt", "app/index.js": "-> /dev/null", "opt/a": minimist},
			[]string{"app/package.json node-pkg broken", "gems/specifications  broken", "lib/a.dist-info python-pkg broken"}},
		{"nothing that leads nowhere", systemTree{"app/package.json": "-> /opt/gone", "lib/a.dist-info": "-> /opt/gone"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := LanguagePackages(c.tree)
			if want := strings.Join(c.want, "\n"); summary(got) != want {
				t.Errorf("declared:\n%s\nwant:\n%s", summary(got), want)
			}
		})
	}
}

func TestCondaIsReadInNamedEnvironmentsOnly(t *testing.T) {
	expect(t, files{"opt/conda/conda-meta/a-1-0.json": `{"name":"a","version":"1"}`, "opt/conda/envs/b/conda-meta/a-1-0.json": `{"name":"a","version":"1"}`},
		"opt/conda/conda-meta/a-1-0.json conda-pkg a@1 unread", "opt/conda/envs/b/conda-meta/a-1-0.json conda-pkg a@1")
}
