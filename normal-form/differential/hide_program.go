package differential

import (
	"strings"
)

const programs = "go cargo"

// programHidings leave a program that the kernel, or Windows, still starts, or one that only looks like it.
var programHidings = []hiding{
	edit("data behind a program", programs, func(i *packageImage, text string) string {
		return text + pick(i.generator, "x", strings.Repeat("\x00", 4096), i.long(), "\xff Go buildinf:", "UPX!", "PK\x05\x06"+strings.Repeat("\x00", 18), string(packZip([]member{{"META-INF/maven/a/b/pom.properties", []byte("version=1\ngroupId=a\nartifactId=b\n"), 0}}, "")))
	}),
	edit("no table of sections", programs, func(i *packageImage, text string) string {
		if !strings.HasPrefix(text, "\x7fELF") {
			return text
		}
		data := []byte(text)
		for n := range 8 { // where it lies
			data[40+n] = 0
		}
		if i.oneIn(2) { // how many sections, and the one with their names
			copy(data[60:64], "\x00\x00\x00\x00")
		}
		return string(data)
	}),
	edit("another byte in the head", programs, func(i *packageImage, text string) string {
		data := []byte(text)
		data[i.Intn(min(len(data), pick(i.generator, 16, 64, 512, 4096)))] ^= pick[byte](i.generator, 1, 2, 4, 0x80, 0xff)
		return string(data)
	}),
	edit("cut off behind", programs, func(i *packageImage, text string) string {
		return text[:len(text)-i.Intn(len(text))]
	}),
	edit("another mark of Go", "go", func(i *packageImage, text string) string {
		return strings.Replace(text, "\xff Go buildinf:", pick(i.generator, "\xff Go buildinf;", "\xff go buildinf:", strings.Repeat("\x00", 14)), 1)
	}),
	edit("another list of modules", "go", func(i *packageImage, text string) string {
		return strings.Replace(text, pick(i.generator, "dep\tgithub.com", "mod\t", "path\t", "dep\tgolang", "\tv1.6.0\t", "build\t"), pick(i.generator, "dep\tgithub.co_", "mox\t", "path\n", "dep golang", "\tv1.6.0\n", "=>\t"), 1)
	}),
	edit("other names of sections", programs, func(i *packageImage, text string) string {
		return strings.NewReplacer(pick(i.generator, ".go.buildinfo\x00", ".note.go.buildid\x00", ".gopclntab\x00", ".dep-v0\x00", ".text\x00"), pick(i.generator, ".go.buildinf_\x00", ".x\x00", ".dep-v1\x00", ".data\x00")).Replace(text)
	}),
}
