package differential

import (
	"regexp"
	"strings"
)

var nameOrVersion = regexp.MustCompile(`(?m)^(Name|Version): (.*)$`)

// headerHidings are about the headers of mails, in which Python keeps what is installed.
var headerHidings = []hiding{
	edit("header in another form", "pip", func(i *packageImage, text string) string {
		form := pick(i.generator, "$1:$2", "$1 : $2", "$1:\t$2", " $1: $2", "$1:\n $2", "$1:  $2  ", "$1: $2\n x", "$1:\r\n\t$2", "\n$1: $2", "$1: =?utf-8?q?$2?=", "x\n$1: $2", "From x\n$1: $2", "$1: $2\n$1: 9", "$1: 9\n$1: $2",
			"$1\xc2\xa0: $2", "$1: $2 # c", "$1: $2;a=b", ">From x\n$1: $2", "$1: \xff$2", "$1: é$2", "$1: $2\x00", ": x\n$1: $2", "$1: \"$2\"", "$1: ($2) $2", "x:\n$1: $2", "x: y\x0b$1: $2", "x: y\x0c$1: $2", "x: y\xc2\x85$1: $2", "x: y\xe2\x80\xa8$1: $2")
		all := nameOrVersion.FindAllStringIndex(text, -1)
		if len(all) == 0 {
			return text
		}
		at := all[i.Intn(len(all))]
		return text[:at[0]] + nameOrVersion.ReplaceAllString(text[at[0]:at[1]], form) + text[at[1]:]
	}),
	edit("long header", "pip", func(i *packageImage, text string) string {
		return pick(i.generator, "Summary: ", "X: x\n ", "Description: ") + i.long() + "\n" + text
	}),
	edit("many headers", "pip", func(i *packageImage, text string) string {
		return strings.Repeat("Classifier: x\n", pick(i.generator, 500, 1001, 10001, 20000)) + text
	}),
	edit("headers at the end", "pip", func(i *packageImage, text string) string {
		found := nameOrVersion.FindAllString(text, -1)
		rest := nameOrVersion.ReplaceAllString(text, "X: y")
		return rest + pick(i.generator, "", "\n", "\n\n") + strings.Join(found, "\n") + "\n"
	}),
	{"metadata beside metadata", "pip", func(i *packageImage, at *declaring) {
		folder, _ := splitPath(at.name)
		other := file(folder+pick(i.generator, "METADATA", "PKG-INFO", "metadata", "EGG-INFO/PKG-INFO", "METADATA.json", "METADATA/x"),
			pick(i.generator, "", "Metadata-Version: 2.1\nName: other\nVersion: 1\n", "x", string(at.data), "\n"))
		i.add(i.Intn(len(i.layers)), other)
	}},
	{"metadata under another name", "pip", func(i *packageImage, at *declaring) {
		folder, name := splitPath(at.name)
		folder = strings.TrimSuffix(folder, "/")
		at.name = pick(i.generator, strings.Replace(folder, "dist-info", "DIST-INFO", 1)+"/"+name, strings.Replace(folder, "dist-info", "Egg-Info", 1)+"/PKG-INFO", strings.Replace(folder, "egg-info", "EGG-INFO", 1)+"/"+name,
			folder+"/PKG-INFO", folder+"/METADATA", folder+".egg/EGG-INFO/PKG-INFO", strings.Replace(folder, "dist-info", "egg-info", 1), strings.Replace(folder, "egg-info", "dist-info", 1)+"/METADATA", folder+"/metadata",
			strings.Replace(folder, "-", ".", 1)+"/"+name)
	}},
}
