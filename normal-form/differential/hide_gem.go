package differential

import "strings"

// gemHidings are about specifications, which are programs of Ruby.
var gemHidings = []hiding{
	edit("specification in another form", "gem", func(i *packageImage, text string) string {
		field := pick(i.generator, "  s.name = ", "  s.version = ")
		return strings.Replace(text, field, pick(i.generator, field+`"" + `, field+`("a";`, "  s.name= ", "  s.name=", "  s.version=", "\ts.name\t=\t", "  s.send :name=, ", "  self.class; s.name = ", "  s.name = s.version = ", "  s.name = \\\n    ", "  s.name = (\n",
			"  s.name = 'other'\n"+field, "=begin\n  s.name = \"x\"\n=end\n"+field, "  #"+field+"\"x\"\n"+field, "  s . name = ", "  s.name = \"other\" if false\n"+field, "  s.instance_variable_set :@name, ", "  s::name = ", "  s&.name = ", "  s.version = Gem::Version.new \\\n "), 1)
	}),
	edit("specification with more", "gem", func(i *packageImage, text string) string {
		return pick(i.generator, "# stub: other 9 ruby lib\n"+text, strings.Replace(text, "# stub: ", "# stub: x", 1), "__END__\n"+text, text+"__END__\nGem::Specification.new do |s|\n  s.name = \"x\"\n  s.version = \"1\"\nend\n", "=begin\nGem::Specification.new do |s|\n  s.name = \"x\"\n  s.version = \"1\"\nend\n=end\n"+text,
			strings.ReplaceAll(text, "s.", "spec."), strings.ReplaceAll(text, "|s|", "|gem|"), "# "+i.long()+"\n"+text, strings.Replace(text, ".freeze", "", -1), strings.Replace(text, "\"", "'", -1), "# -*- encoding: utf-16 -*-\n"+text, "#!/usr/bin/ruby\n"+text,
			strings.Replace(text, "Gem::Specification.new do |s|", "Gem::Specification.new('a', '1') do |s|", 1), strings.ReplaceAll(text, "\n", ";"), strings.Replace(text, "Gem::Specification.new", "::Gem::Specification.new", 1))
	}),
	{"specification in another folder", "gem", func(i *packageImage, at *declaring) {
		folder, base := splitPath(at.name)
		above := strings.TrimSuffix(folder, "specifications/")
		at.name = pick(i.generator, above+"specifications/default/"+base, above+"Specifications/"+base, above+"specifications/x/"+base, above+"specifications/"+strings.ToUpper(base), above+"specifications/.gemspec", above+"specifications/a b.gemspec", above+"x/specifications/"+base,
			above+"gems/rack-2.2.8/rack.gemspec", above+"bundler/gems/rack-0123456789ab/rack.gemspec")
	}},
}
