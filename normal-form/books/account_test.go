package books

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// result is one of a report's results. A package is "name version analyser", and its file if it has its own.
func result(class, target string, packages ...string) string {
	each := []any{}
	for _, p := range packages {
		of := append(strings.Fields(p), "")
		each = append(each, map[string]any{"Name": of[0], "Version": of[1], "AnalyzedBy": of[2], "FilePath": of[3]})
	}
	text, _ := json.Marshal(map[string]any{"Class": class, "Target": target, "Packages": each})
	return string(text)
}

func reportWith(t testing.TB, results ...string) Report {
	t.Helper()
	var r Report
	text := fmt.Sprintf(`{"Metadata":{"OS":{"Family":"debian","Name":"13.1"}},"Results":[%s]}`, strings.Join(results, ","))
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func declares(kind Kind, path string, nameAndVersion ...string) Declaration {
	d := Declaration{Kind: kind, Path: path}
	for n := 0; n < len(nameAndVersion); n += 2 {
		d.Packages = append(d.Packages, Package{Name: nameAndVersion[n], Version: nameAndVersion[n+1]})
	}
	return d
}

func with(d Declaration, change func(*Declaration)) Declaration {
	change(&d)
	return d
}

var (
	debians = &Owner{Manager: Dpkg, Name: "libjackson2-core-java", Source: "jackson-core", Vendor: "debian.org"}
	acmes   = &Owner{Manager: Dpkg, Name: "acme", Source: "acme", Vendor: "acme.example"}
)

func knowsJackson(owner Owner, family, release string) bool {
	return owner.Source == "jackson-core" && family == "debian" && release == "13.1"
}

const nodeFile, jarFile = "app/node_modules/minimist/package.json", "usr/share/java/core.jar"

// Rule 5.9, what was scanned is what runs: every file that declares packages is in the report, or the reason why not is known.
// What is missing beside a broken file may be there in the next scan: the answer begins with what stays.
func TestWhatIsBrokenIsListedFirst(t *testing.T) {
	contradicts := with(declares(Dpkg, "var/lib/dpkg/status.d/a", "a", "1"), func(d *Declaration) { d.Broken = "by chance" })
	a := Account([]Declaration{declares(Dpkg, "var/lib/dpkg/status", "a", "1"), contradicts}, Report{}, nil)
	if len(a.NotCovered) != 2 || a.NotCovered[0].Detail != "by chance" {
		t.Errorf("%+v", a.NotCovered)
	}
}

func TestEachDeclarationHasOneOfFourAnswers(t *testing.T) {
	minimist := declares(Node, nodeFile, "minimist", "0.0.8")
	jar := declares(Jar, jarFile, "org:core", "1")
	const found, nameless, ofDistribution, notCovered, unread = "accounted", "nameless", "of the distribution", "not covered", "unread"
	for name, c := range map[string]struct {
		declared Declaration
		report   []string
		answer   string
		why      string
	}{
		"by path, name, version and analyser": {minimist, []string{result("lang-pkgs", "Node.js", "minimist 0.0.8 node-pkg "+nodeFile)}, found, ""},
		"another version":                     {minimist, []string{result("lang-pkgs", "Node.js", "minimist 1.2.8 node-pkg "+nodeFile)}, notCovered, "minimist 0.0.8 is not in Trivy's report of this file"},
		"another name":                        {minimist, []string{result("lang-pkgs", "Node.js", "minimal 0.0.8 node-pkg "+nodeFile)}, notCovered, "minimist 0.0.8 is not in"},
		"another file":                        {minimist, []string{result("lang-pkgs", "Node.js", "minimist 0.0.8 node-pkg other/package.json")}, notCovered, "minimist 0.0.8 is not in"},
		"what an SBOM says accounts for nothing": {
			minimist, []string{result("lang-pkgs", "Node.js", "minimist 0.0.8 sbom "+nodeFile)}, notCovered, "minimist 0.0.8 is not in"},
		"another analyser": {minimist, []string{result("lang-pkgs", "Node.js", "minimist 0.0.8 npm "+nodeFile)}, notCovered, "minimist 0.0.8 is not in"},
		"a language in the list of the operating system": {
			minimist, []string{result("os-pkgs", "x", "minimist 0.0.8 node-pkg "+nodeFile)}, notCovered, "minimist 0.0.8 is not in"},
		"an empty report":     {minimist, nil, notCovered, "minimist 0.0.8 is not in"},
		"deps.json by Target": {declares(DotNet, "app/app.deps.json", "Json", "12"), []string{result("lang-pkgs", "app/app.deps.json", "Json 12 dotnet-core")}, found, ""},
		"installed.json by Target": {
			declares(Composer, "vendor/composer/installed.json", "a/b", "1"), []string{result("lang-pkgs", "vendor/composer/installed.json", "a/b 1 composer-vendor")}, found, ""},
		"a Rust program": {declares(Rust, "bin/x", "serde", "1"), []string{result("lang-pkgs", "bin/x", "serde 1 rustbinary")}, found, ""},
		"an egg":         {declares(Python, "a.egg", "A", "1"), []string{result("lang-pkgs", "Python", "A 1 python-egg a.egg")}, found, ""},
		"a Python name in its normal form": {
			declares(Python, "m/METADATA", "Zope.Interface_x", "1"), []string{result("lang-pkgs", "Python", "zope-interface-x 1 python-pkg m/METADATA")}, found, ""},
		"a nested jar by its path": {
			declares(Jar, "app.jar/BOOT-INF/lib/a.jar", "g:a", "1"), []string{result("lang-pkgs", "Java", "g:a 1 jar app.jar/BOOT-INF/lib/a.jar")}, found, ""},
		"a nested jar whose outer one alone was read": {
			declares(Jar, "app.jar/BOOT-INF/lib/a.jar", "g:a", "1"), []string{result("lang-pkgs", "Java", "g:a 1 jar app.jar")}, notCovered, "g:a 1 is not in"},
		"two of three packages": {
			declares(Composer, "i.json", "a", "1", "b", "1", "c", "1"), []string{result("lang-pkgs", "i.json", "b 1 composer-vendor")}, notCovered, "a 1 and 1 more packages are not in"},

		"a guess, answered by another name": {
			with(declares(Jar, "a.jar", "a", "1"), func(d *Declaration) { d.Weak = true }), []string{result("lang-pkgs", "Java", "org:a 2 jar a.jar")}, found, ""},
		"a guess that nothing answers": {
			with(declares(Jar, "a.jar", "a", "1"), func(d *Declaration) { d.Weak = true }), []string{result("lang-pkgs", "Java", "org:a 2 jar b.jar")}, unread, unconfirmed},
		"a language's package without a version": {
			declares(Jar, "a.jar", "g:a", ""), []string{result("lang-pkgs", "Java", "g:a 2 jar a.jar")}, found, ""},
		"names no package":           {with(Declaration{Kind: Node, Path: "p/package.json"}, func(d *Declaration) { d.Nameless = "no name" }), nil, nameless, ""},
		"a file of the distribution": {with(jar, func(d *Declaration) { d.Owner = debians }), nil, ofDistribution, ""},
		"a broken one of the distribution": {
			with(jar, func(d *Declaration) { d.Owner, d.Broken = debians, "no zip" }), nil, ofDistribution, ""},
		"an unread one of the distribution": {
			with(jar, func(d *Declaration) { d.Owner, d.Unread = debians, "phar" }), nil, ofDistribution, ""},
		"a file of a package that is not the distribution's": {
			with(jar, func(d *Declaration) { d.Owner = acmes }), nil, notCovered, "org:core 1 is not in"},
		"… which Trivy read": {
			with(jar, func(d *Declaration) { d.Owner = acmes }), []string{result("lang-pkgs", "Java", "org:core 1 jar "+jarFile)}, found, ""},
		"a database is never the distribution's": {
			with(declares(Dpkg, "var/lib/dpkg/status", "a", "1"), func(d *Declaration) { d.Owner = debians }), nil, notCovered, "a 1 is not in"},

		"cannot be told": {with(minimist, func(d *Declaration) { d.Broken = "its JSON ends early" }), []string{result("lang-pkgs", "Node.js", "minimist 0.0.8 node-pkg "+nodeFile)}, notCovered, "its JSON ends early"},
		"broken and without a name": {
			with(Declaration{Kind: Node, Path: "p"}, func(d *Declaration) { d.Nameless, d.Broken = "no name", "two names" }), nil, notCovered, "two names"},
		"an unknown system":      {Declaration{Kind: "system", Path: "etc/os-release", Broken: "Trivy does not know arch"}, nil, notCovered, "Trivy does not know arch"},
		"never read":             {Declaration{Kind: "phar", Path: "a.phar", Unread: "Trivy reads no phar"}, nil, unread, "Trivy reads no phar"},
		"an unknown kind":        {declares("flatpak", "a", "a", "1"), nil, notCovered, "no analyser of Trivy is known that reads it"},
		"declares nothing":       {declares(Dpkg, "var/lib/dpkg/status"), nil, found, ""},
		"a system that is known": {Declaration{Kind: "system", Path: "etc/os-release"}, nil, found, ""},

		"dpkg, found by apk": {declares(Dpkg, "var/lib/dpkg/status", "a", "1"), []string{result("os-pkgs", "x", "a 1 apk")}, notCovered, "a 1 is not in the packages that Trivy read from the database of dpkg"},
		"dpkg, found in an SBOM": {
			declares(Dpkg, "var/lib/dpkg/status", "a", "1"), []string{result("os-pkgs", "x", "a 1 sbom")}, notCovered, "a 1 is not in"},
		"dpkg, in the list of a language": {
			declares(Dpkg, "var/lib/dpkg/status", "a", "1"), []string{result("lang-pkgs", "x", "a 1 dpkg")}, notCovered, "a 1 is not in"},
		"dpkg, another name of epoch 0": {declares(Dpkg, "var/lib/dpkg/status", "a", "0:1"), []string{result("os-pkgs", "x", "a 1 dpkg")}, found, ""},
		"rpm, from a manifest":          {declares(Rpm, "var/lib/rpmmanifest/container-manifest-2", "a", "1"), []string{result("os-pkgs", "x", "a 1 rpmqa")}, found, ""},
		"apk":                           {with(declares(Apk, "lib/apk/db/installed", "musl", "1.2.5-r0"), func(d *Declaration) { d.Packages[0].Source = "musl 1.2.5-r0" }), []string{result("os-pkgs", "x", "musl 1.2.5-r0 apk")}, found, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := Account([]Declaration{c.declared}, reportWith(t, c.report...), knowsJackson)
			counts := map[string]int{found: a.Found, nameless: a.Excused.Nameless, ofDistribution: a.Excused.OfDistribution, notCovered: a.NotCoveredCount, unread: a.UnreadCount}
			for answer, count := range counts {
				if (count == 1) != (answer == c.answer) {
					t.Errorf("%s: %d, want %s: %+v", answer, count, c.answer, a)
				}
			}
			if a.Declared != 1 || len(a.NotCovered) != a.NotCoveredCount || len(a.Unread) != a.UnreadCount {
				t.Errorf("%+v", a)
			}
			for _, answer := range slices.Concat(a.NotCovered, a.Unread) {
				if answer.Path != c.declared.Path || answer.Kind != c.declared.Kind || !strings.Contains(answer.Detail, c.why) {
					t.Errorf("%+v, want %q", answer, c.why)
				}
			}
		})
	}
}

func TestVersionsAreWhole(t *testing.T) {
	report := reportWith(t, `{"Class":"os-pkgs","Packages":[
		{"Name":"libc6","Version":"2.41","Release":"12","AnalyzedBy":"dpkg"},
		{"Name":"login","Version":"4.16.0","Release":"2+really2.41-5","Epoch":1,"AnalyzedBy":"dpkg"},
		{"Name":"bash","Version":"5.2","Release":"1.el9","AnalyzedBy":"rpm"}]}`,
		`{"Class":"lang-pkgs","Target":"usr/bin/api","Packages":[{"Name":"example.com/api","AnalyzedBy":"gobinary"}]}`)
	for _, c := range []struct {
		kind                Kind
		path, name, version string
		found               bool
	}{
		{Dpkg, "status", "libc6", "2.41-12", true},
		{Dpkg, "status", "libc6", "0:2.41-12", true},
		{Dpkg, "status", "libc6", "1:2.41-12", false},
		{Dpkg, "status", "libc6", "2.41", false},
		{Dpkg, "status", "login", "1:4.16.0-2+really2.41-5", true},
		{Dpkg, "status", "login", "4.16.0-2+really2.41-5", false},
		{Rpm, "rpmdb.sqlite", "bash", "5.2-1.el9", true},
		{Rpm, "rpmdb.sqlite", "bash", "5.2-2.el9", false},
		{Go, "usr/bin/api", "example.com/api", "", true},
		{Go, "usr/bin/other", "example.com/api", "", false},
	} {
		a := Account([]Declaration{declares(c.kind, c.path, c.name, c.version)}, report, nil)
		if (a.Found == 1) != c.found {
			t.Errorf("%+v: %+v", c, a)
		}
	}
}

// A reader of the accounting does not take a count without a list.
func TestALongPathIsListed(t *testing.T) {
	broken := Declaration{Path: strings.Repeat("a\x01", 200_000), Kind: Jar, Broken: "x"}
	unread := Declaration{Path: broken.Path, Kind: Jar, Unread: "x"}
	if a := Account([]Declaration{broken, unread}, Report{}, nil); len(a.NotCovered) != 1 || len(a.Unread) != 1 {
		t.Errorf("%d and %d files are listed, want one each", len(a.NotCovered), len(a.Unread))
	}
}

// Trivy chooses advisories by the source package. What it read in an earlier layer's database, or reads otherwise, is another one.
func TestSourcesAreWhatTheDatabaseSays(t *testing.T) {
	report := reportWith(t, `{"Class":"os-pkgs","Packages":[
		{"Name":"libc6","Version":"2.41","Release":"12","SrcName":"glibc","SrcVersion":"2.41","SrcRelease":"12","AnalyzedBy":"dpkg"},
		{"Name":"login","Version":"4.16.0","Release":"2","Epoch":1,"SrcName":"util-linux","SrcVersion":"2.41","SrcRelease":"5","AnalyzedBy":"dpkg"},
		{"Name":"libssl3","Version":"3.5.0-r0","SrcName":"openssl","SrcVersion":"3.5.0-r0","AnalyzedBy":"apk"},
		{"Name":".build","Version":"1","AnalyzedBy":"apk"},
		{"Name":"openssl-libs","Version":"3.0.7","Release":"27.el9","Epoch":1,"SrcName":"openssl","SrcVersion":"3.0.7","SrcRelease":"27.el9","SrcEpoch":1,"AnalyzedBy":"rpm"}]}`)
	dpkg := func(fields string) Declaration {
		return SystemPackages(files{dpkgStatus: "Status: install ok installed\n" + fields})[0]
	}
	apk := func(text string) Declaration { return SystemPackages(files{"lib/apk/db/installed": text})[0] }
	rpm := func(source string) Declaration {
		return SystemPackages(files{rpmManifest: "openssl-libs\t3.0.7-27.el9\t\t\tV\t\t\tx86_64\t1\t" + source + "\n"})[0]
	}
	for name, c := range map[string]struct {
		declared Declaration
		why      string
	}{
		"dpkg":                      {dpkg("Package: libc6\nVersion: 2.41-12\nSource: glibc\n"), ""},
		"dpkg, of another":          {dpkg("Package: libc6\nVersion: 2.41-12\nSource: openssl\n"), "libc6 2.41-12 of the source openssl 2.41-12 is not in"},
		"dpkg, of none":             {dpkg("Package: libc6\nVersion: 2.41-12\n"), "libc6 2.41-12 is not in"},
		"dpkg, of a version":        {dpkg("Package: login\nVersion: 1:4.16.0-2\nSource: util-linux (2.41-5)\n"), ""},
		"dpkg, of another version":  {dpkg("Package: login\nVersion: 1:4.16.0-2\nSource: util-linux (2.40-1)\n"), "of the source util-linux 2.40-1 is not in"},
		"apk":                       {apk("P:libssl3\nV:3.5.0-r0\no:openssl\n"), ""},
		"apk, of another":           {apk("P:libssl3\nV:3.5.0-r0\no:zlib\n"), "of the source zlib 3.5.0-r0 is not in"},
		"apk, of none":              {apk("P:.build\nV:1\n"), ""},
		"rpm":                       {rpm("openssl-3.0.7-27.el9.src.rpm"), ""},
		"rpm, of another":           {rpm("zlib-3.0.7-27.el9.src.rpm"), "of the source zlib 3.0.7-27.el9 is not in"},
		"rpm, in a form of its own": {rpm("openssl"), "openssl-libs 1:3.0.7-27.el9 is not in"},
	} {
		t.Run(name, func(t *testing.T) {
			if why := (&book{found: report.byPlace()}).missing(c.declared); !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%q, want %q", why, c.why)
			}
		})
	}
}

func TestOnlyFilesOfTheDistributionAreItsOwn(t *testing.T) {
	own := with(declares(Jar, jarFile, "org:core", "1"), func(d *Declaration) { d.Owner = debians })
	report := reportWith(t, result("lang-pkgs", "Java", "org:core 1 jar "+jarFile, "org:core 1 jar other.jar"))
	for name, c := range map[string]struct {
		declared []Declaration
		report   Report
		is       Distributions
		want     []string
	}{
		"in the report":              {[]Declaration{own}, report, knowsJackson, []string{jarFile}},
		"not in the report":          {[]Declaration{own}, reportWith(t), knowsJackson, []string{}},
		"without advisories":         {[]Declaration{own}, report, nil, []string{}},
		"without operating system":   {[]Declaration{own}, Report{Results: report.Results}, knowsJackson, []string{}},
		"of another supplier":        {[]Declaration{with(own, func(d *Declaration) { d.Owner = acmes })}, report, knowsJackson, []string{}},
		"beside one that is not":     {[]Declaration{own, declares(Jar, jarFile, "org:core", "1")}, report, knowsJackson, []string{}},
		"after one that is not":      {[]Declaration{declares(Jar, jarFile, "org:core", "1"), own}, report, knowsJackson, []string{}},
		"the same file as two kinds": {[]Declaration{own, with(own, func(d *Declaration) { d.Kind = Go })}, report, knowsJackson, []string{jarFile}},
	} {
		if got := Account(c.declared, c.report, c.is).OfDistribution; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestListsAreBoundedAndSortedAndCountsAreNot(t *testing.T) {
	var declared []Declaration
	for n := 1000; n > 0; n-- {
		declared = append(declared, declares(Node, fmt.Sprintf("%04d/package.json", n), "a", "1"), Declaration{Kind: "phar", Path: strings.Repeat("p", 4000), Unread: "u"})
	}
	a := Account(declared, reportWith(t), nil)
	if a.NotCoveredCount != 1000 || len(a.NotCovered) != mostListed || a.NotCovered[0].Path != "0001/package.json" {
		t.Error(a.NotCoveredCount, len(a.NotCovered), a.NotCovered[0])
	}
	if text, _ := json.Marshal(a.Unread); a.UnreadCount != 1000 || len(a.Unread) == 0 || len(text) > listBytes+2 {
		t.Error(a.UnreadCount, len(a.Unread), len(text))
	}
}

// Were each compared with each, this would take an hour.
func TestNamesOfManyPackages(t *testing.T) {
	var names, packages []string
	for n := range 100_000 {
		names = append(names, fmt.Sprintf("A-%d", n), "1")
		packages = append(packages, fmt.Sprintf("a_%d 1 python-pkg m", 100_000-1-n))
	}
	a := Account([]Declaration{declares(Python, "m", names...)}, reportWith(t, result("lang-pkgs", "Python", packages...)), nil)
	if a.Found != 1 {
		t.Errorf("%+v", a)
	}
}

func TestInventory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "inventory.json")
	want := []Declaration{with(declares(Node, "a", "b", "1"), func(d *Declaration) { d.Owner = debians })}
	if err := WriteInventory(file, want); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadInventory(file); err != nil || !reflect.DeepEqual(got, want) {
		t.Error(got, err)
	}
	WriteInventory(file, nil)
	if got, err := ReadInventory(file); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	for name, text := range map[string]string{
		"no JSON": "{", "another version": `{"version":2,"declarations":[]}`, "no list": `{"version":1}`, "null": `{"version":1,"declarations":null}`,
	} {
		os.WriteFile(file, []byte(text), 0o644)
		if _, err := ReadInventory(file); err == nil {
			t.Error(name)
		}
	}
	if _, err := ReadInventory(file + "x"); err == nil {
		t.Error("no file")
	}
}
