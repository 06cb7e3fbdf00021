package differential

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// member is one file of an archive, as it is written.
type member struct {
	name    string
	content []byte
	method  uint16
}

func unpackZip(data []byte) (all []member) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			return nil
		}
		content, err := io.ReadAll(in)
		if err != nil {
			return nil
		}
		all = append(all, member{f.Name, content, f.Method})
	}
	return all
}

func packZip(all []member, comment string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	_ = w.SetComment(comment)
	for _, p := range all {
		if to, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: p.method}); err == nil {
			_, _ = to.Write(p.content)
		}
	}
	_ = w.Close()
	return b.Bytes()
}

// repack changes the files of an archive. What is no archive any more stays as it is.
func repack(name string, change func(i *packageImage, all []member) []member) hiding {
	return hiding{name, "maven", func(i *packageImage, at *declaring) {
		if all := unpackZip(at.data); len(all) > 0 {
			at.set(string(packZip(change(i, all), "")))
		}
	}}
}

// inPom changes the text by which Maven names an archive.
func inPom(name string, change func(i *packageImage, text string) string) hiding {
	return repack(name, func(i *packageImage, all []member) []member {
		for n := range all {
			if strings.HasSuffix(all[n].name, "pom.properties") {
				all[n].content = []byte(change(i, string(all[n].content)))
			}
		}
		return all
	})
}

var archiveHidings = []hiding{
	{"another package in an egg", "pip", func(i *packageImage, at *declaring) {
		all := unpackZip(at.data)
		if len(all) == 0 {
			return
		}
		more := member{pick(i.generator, "evil-9.dist-info/METADATA", "evil.egg-info/PKG-INFO", "evil-9.egg-info", "EGG-INFO/PKG-INFO", "EGG-INFO/METADATA", "egg-info/PKG-INFO", "EVIL.DIST-INFO/METADATA", "x/evil-9.dist-info/METADATA"),
			[]byte("Metadata-Version: 2.1\nName: evil\nVersion: 9\n"), pick[uint16](i.generator, zip.Store, zip.Deflate)}
		if i.oneIn(2) {
			all = append([]member{more}, all...)
		} else {
			all = append(all, more)
		}
		at.set(string(packZip(all, "")))
	}},
	{"an egg of that package", "pip", func(i *packageImage, at *declaring) {
		if len(unpackZip(at.data)) > 0 {
			return
		}
		name := pick(i.generator, "EGG-INFO/PKG-INFO", "a-1.dist-info/METADATA", "a.egg-info/PKG-INFO", "a.egg-info", "EGG-INFO/METADATA")
		i.add(at.layer, file("opt/eggs/"+pick(i.generator, "a.egg", "a.zip", "a.EGG", "a-1-py3.11.egg", "a.egg/EGG-INFO/PKG-INFO"), pick(i.generator, "", "", "#!/bin/sh\n", "\x7fELF")+string(packZip([]member{{name, at.data, pick[uint16](i.generator, zip.Store, zip.Deflate)}}, ""))+pick(i.generator, "", "", "x")))
	}},
	inPom("pom.properties in another form", func(i *packageImage, text string) string {
		return strings.NewReplacer(pick(i.generator, "groupId=", "artifactId=", "version="), pick(i.generator, `group\u0049d=`, "groupId:", "groupId =", " groupId=", "groupId\t", "groupId\\\n=", "artifactId:", "artifact\\\nId=", "version :", `\u0076ersion=`, "version=\\\n ",
			"version=\n#", "#x\\\nversion=", "VERSION=", "version==", "version=1\nversion=", "artifactId= ", "artifactId=\\\r\n\t", "version\x0c=", "version=\\u0031")).Replace(text)
	}),
	inPom("long line in pom.properties", func(i *packageImage, text string) string {
		return pick(i.generator, "#", "a=", "!", "description=\\\n") + i.long() + "\n" + text
	}),
	inPom("letters of pom.properties", func(i *packageImage, text string) string {
		return pick(i.generator, "\ufeff"+text, strings.ReplaceAll(text, "\n", "\r"), strings.ReplaceAll(text, "\n", "\r\n"), text+"\xff", text+"\\", strings.TrimRight(text, "\n"), text+text, text+"version=9\n", "version=9\n"+text, strings.ReplaceAll(text, "\n", "\n\n"), strings.ReplaceAll(text, "=", " = "),
			strings.ReplaceAll(text, "\n", " \n"), text+`x=\u00zz`+"\n")
	}),
	repack("other manifest", func(i *packageImage, all []member) []member {
		manifest := pick(i.generator, "", "x", "Manifest-Version: 1.0\nX: "+i.long()+"\n", "Implementation-Title: %{a}\nImplementation-Version: 1\n", "Manifest-Version: 1.0\n\nName: a\n", "\ufeffManifest-Version: 1.0\n", "Bundle-SymbolicName: a\nBundle-Version: 1\nBundle-Name: b\n")
		kept := []member{{"META-INF/MANIFEST.MF", []byte(manifest), pick[uint16](i.generator, zip.Store, zip.Deflate)}}
		for _, p := range all {
			if p.name != "META-INF/MANIFEST.MF" {
				kept = append(kept, p)
			}
		}
		return kept
	}),
	repack("another file in it", func(i *packageImage, all []member) []member {
		more := member{pick(i.generator, "META-INF/maven/a/b/pom.properties", "pom.properties", "x/pom.properties", "META-INF/manifest.mf", "META-INF/MANIFEST.MF", "BOOT-INF/lib/broken.jar", "a.jar", "a.war", "META-INF/sbom/application.cdx.json", "../pom.properties", "/META-INF/MANIFEST.MF", "a.JAR", "META-INF/x.SF"),
			[]byte(pick(i.generator, "", "x", "version=1\ngroupId=a\nartifactId=b\n", i.long(), "PK\x03\x04", "PK\x05\x06"+strings.Repeat("\x00", 18))), pick[uint16](i.generator, zip.Store, zip.Deflate)}
		if i.oneIn(2) {
			return append([]member{more}, all...)
		}
		return append(all, more)
	}),
	repack("names within in another form", func(i *packageImage, all []member) []member {
		form := strings.NewReplacer(pick(i.generator, "META-INF/maven", "pom.properties", "META-INF", ".jar", "BOOT-INF/lib"), pick(i.generator, "meta-inf/maven", "META-INF//maven", "./META-INF/maven", "POM.properties", "META-INF\\maven", ".JAR", ".war", ".zip", "WEB-INF/lib", "lib", "x/META-INF/maven", "META-INF/./maven", "BOOT-INF/lib/x/y"))
		for n := range all {
			all[n].name = form.Replace(all[n].name)
		}
		return all
	}),
	repack("stored, not packed", func(_ *packageImage, all []member) []member {
		for n := range all {
			all[n].method = zip.Store
		}
		return all
	}),
	repack("archives within archives", func(i *packageImage, all []member) []member {
		for range pick(i.generator, 1, 2, 3, 5, 9) {
			all = []member{{pick(i.generator, "a.jar", "BOOT-INF/lib/a.jar", "WEB-INF/lib/b-1.0.jar", "x.ear", "a.war"), packZip(all, ""), pick[uint16](i.generator, zip.Store, zip.Deflate)}}
		}
		return all
	}),
	repack("many files in it", func(i *packageImage, all []member) []member {
		many := make([]member, pick(i.generator, 100, 5000, 66000))
		for n := range many {
			many[n] = member{strings.Repeat("a", n%50) + "/" + string(rune('a'+n%26)), nil, zip.Store}
		}
		return append(many, all...)
	}),
	repack("every file twice", func(i *packageImage, all []member) []member {
		again := append([]member{}, all...)
		for n := range again {
			again[n].content = []byte(strings.ReplaceAll(string(again[n].content), "version=", pick(i.generator, "version=7", "x=")))
		}
		return append(all, again...)
	}),
	edit("archive with a comment", "maven", func(i *packageImage, text string) string {
		return string(packZip(unpackZip([]byte(text)), pick(i.generator, "x", "PK\x05\x06", strings.Repeat("x", 65535), "PK\x05\x06"+strings.Repeat("\x00", 18))))
	}),
	edit("bytes around the archive", "maven", func(i *packageImage, text string) string {
		prefix := pick(i.generator, "", "", "#!/bin/sh\nexec java -jar $0\n", "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 57), "MZ"+strings.Repeat("\x00", 126), strings.Repeat("\x00", 70000), "PK\x03\x04", "\xca\xfe\xba\xbe", "\x1f\x8b\x08", "{}", "ustar")
		return prefix + text + pick(i.generator, "", "x", "\x00", "\r\n", strings.Repeat("\x00", 512), strings.Repeat("\x00", 70000), "PK\x05\x06"+strings.Repeat("\x00", 18))
	}),
	edit("another byte in the archive", "maven", func(i *packageImage, text string) string {
		data := []byte(text)
		end := bytes.LastIndex(data, []byte("PK\x05\x06"))
		if end < 0 || end+22 > len(data) {
			return text
		}
		directory := int(binary.LittleEndian.Uint32(data[end+16:]))
		at := pick(i.generator, end+i.Intn(22), min(directory+i.Intn(100), len(data)-1), i.Intn(len(data)), i.Intn(min(64, len(data))))
		data[at] ^= pick[byte](i.generator, 1, 2, 8, 0x80, 0xff)
		return string(data)
	}),
	{"archive under another name", "maven", func(i *packageImage, at *declaring) {
		at.name = strings.TrimSuffix(at.name, ".jar") + pick(i.generator, ".war", ".ear", ".zip", ".JAR", ".jar.bak", "", ".par", ".sar", ".class", ".tar", ".txt", ".jar.original", ".jmod", ".apk", ".aar", ".tar.gz", ".png", ".pyz", ".so")
	}},
}
