package reading

import (
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// builders are the variables that every builder sets.
var builders = []string{
	"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
	"TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE", "PATH",
}

// definedIn are the variables that get a value somewhere in this file or for this build. All others are empty, or what a base image says.
func definedIn(parsed *parser.Result, buildArgs map[string]string) shell.EnvGetter {
	lex := shell.NewLex(parsed.EscapeToken)
	names := append(slices.Clone(builders), slices.Collect(maps.Keys(buildArgs))...)
	add := func(key string) {
		if name, err := lex.ProcessWordWithMatches(key, nothing); err == nil {
			names = append(names, name.Result)
		}
	}
	for _, node := range parsed.AST.Children {
		command, _ := commandOf(node)
		switch c := command.(type) {
		case *instructions.EnvCommand:
			for _, pair := range c.Env {
				add(pair.Key)
			}
		case *instructions.ArgCommand:
			for _, pair := range c.Args {
				if pair.Value != nil {
					add(pair.Key)
				}
			}
		}
	}
	defined := []string{}
	for _, name := range names {
		defined = append(defined, name+"=defined")
	}
	return shell.EnvsFromSlice(defined)
}

// undefinedIn are the variables that a FROM or a USER needs, and those that can make what an ADD takes a download: with which the word begins.
func undefinedIn(command any, lex *shell.Lex, defined shell.EnvGetter) []string {
	words := []string{}
	switch c := command.(type) {
	case *instructions.Stage:
		words = append(words, c.BaseName)
	case *instructions.UserCommand:
		words = append(words, c.User)
	case *instructions.AddCommand:
		for _, word := range c.SourcePaths {
			if strings.HasPrefix(strings.TrimLeft(word, `"'`), "$") {
				words = append(words, word)
			}
		}
	}
	undefined := []string{}
	for _, word := range words {
		result, err := lex.ProcessWordWithMatches(word, defined)
		if err != nil {
			continue // BuildKit refuses it too
		}
		for _, name := range slices.Sorted(maps.Keys(result.Unmatched)) {
			if leavesAGap(word, name, result.Result, lex, defined) && !slices.Contains(undefined, name) {
				undefined = append(undefined, name)
			}
		}
	}
	return undefined
}

const mark = "\x00"

// leavesAGap: where the variable stands, there is nothing without it. `${a:-b}` leaves none.
func leavesAGap(word, name, without string, lex *shell.Lex, defined shell.EnvGetter) bool {
	env := shell.EnvsFromSlice([]string{name + "=" + mark})
	with, err := lex.ProcessWordWithMatches(word, either{env, defined})
	return err == nil && strings.ReplaceAll(with.Result, mark, "") == without
}

// either looks into the first environment, then into the second.
type either struct{ first, second shell.EnvGetter }

func (e either) Get(name string) (string, bool) {
	if value, found := e.first.Get(name); found {
		return value, true
	}
	return e.second.Get(name)
}

func (e either) Keys() []string { return append(e.first.Keys(), e.second.Keys()...) }

// withUnknownBases gives a value to each ARG without one that a FROM needs, so that the rest of the file can be read.
func withUnknownBases(list []Instruction, global []instructions.ArgCommand, buildArgs map[string]string) map[string]string {
	args := maps.Clone(buildArgs)
	if args == nil {
		args = map[string]string{}
	}
	for _, instruction := range list {
		if instruction.Name != "FROM" {
			continue
		}
		for _, name := range instruction.Undefined {
			for _, arg := range global {
				if slices.ContainsFunc(arg.Args, func(pair instructions.KeyValuePairOptional) bool { return pair.Key == name }) {
					args[name] = "unknown"
				}
			}
		}
	}
	return args
}
