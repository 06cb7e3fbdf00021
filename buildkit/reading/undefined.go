package reading

import (
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// platformArgs are the variables that a build sets for whoever declares them, and for every FROM.
var platformArgs = []string{
	"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
	"TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
}

// defined are the names that have a value at each instruction, by its line. Of all others only the base image can say what they are, or nobody: a
// default in the word (`${a:-b}`) does not help, because BuildKit takes the base image's value first.
type defined map[int][]string

func definitions(parsed *parser.Result, stages []instructions.Stage, global []instructions.ArgCommand, buildArgs map[string]string) defined {
	lex := shell.NewLex(parsed.EscapeToken)
	at := defined{}
	globals := slices.Clone(platformArgs)
	for _, command := range global {
		globals = append(globals, namesSetBy(&command, lex, buildArgs, nil)...)
	}
	ends := map[string][]string{}
	for _, stage := range stages {
		at[firstLine(stage.Location)] = globals
		names := slices.Clone(ends[strings.ToLower(stage.BaseName)])
		for _, command := range stage.Commands {
			at[firstLine(command.Location())] = slices.Clip(names) // no copy: what is appended goes elsewhere
			names = append(names, namesSetBy(command, lex, buildArgs, globals)...)
		}
		if stage.Name != "" {
			ends[strings.ToLower(stage.Name)] = names
		}
	}
	return at
}

func namesSetBy(command any, lex *shell.Lex, buildArgs map[string]string, globals []string) []string {
	names := []string{}
	add := func(key string) {
		if name, err := lex.ProcessWordWithMatches(key, nothing); err == nil && len(name.Unmatched) == 0 {
			names = append(names, name.Result)
		}
	}
	switch c := command.(type) {
	case *instructions.EnvCommand:
		for _, pair := range c.Env {
			add(pair.Key)
		}
	case *instructions.ArgCommand:
		for _, pair := range c.Args {
			if _, given := buildArgs[pair.Key]; given || pair.Value != nil || slices.Contains(globals, pair.Key) {
				add(pair.Key)
			}
		}
	}
	return names
}

// undefinedIn are the variables that a FROM or a USER needs, and those that can make what an ADD takes a download: with which the word begins.
func undefinedIn(command any, lex *shell.Lex, names []string) []string {
	words := []string{}
	matters := func(_, _, _ string) bool { return true }
	switch c := command.(type) {
	case *instructions.Stage:
		words = append(words, c.BaseName)
		matters = func(word, name, without string) bool { return leavesAGap(word, name, without, lex, names) } // no base image has a say yet
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
	if len(words) == 0 {
		return undefined // most instructions: an environment for each would cost their square
	}
	env := shell.EnvsFromSlice(values(names))
	for _, word := range words {
		result, err := lex.ProcessWordWithMatches(word, env)
		if err != nil {
			continue // BuildKit refuses it too
		}
		for _, name := range slices.Sorted(maps.Keys(result.Unmatched)) {
			if matters(word, name, result.Result) && !slices.Contains(undefined, name) {
				undefined = append(undefined, name)
			}
		}
	}
	return undefined
}

func values(names []string) []string {
	env := []string{}
	for _, name := range names {
		env = append(env, name+"=value")
	}
	return env
}

const mark = "\x00"

// leavesAGap: where the variable stands, there is nothing without it. `${a:-b}` leaves none.
func leavesAGap(word, name, without string, lex *shell.Lex, names []string) bool {
	env := shell.EnvsFromSlice(append(values(names), name+"="+mark))
	with, err := lex.ProcessWordWithMatches(word, env)
	return err == nil && strings.ReplaceAll(with.Result, mark, "") == without
}

// unknownBases are the global ARGs without a value that a FROM needs.
func unknownBases(list []Instruction, global []instructions.ArgCommand) map[string]string {
	unknown := map[string]string{}
	for _, instruction := range list {
		if instruction.Name != "FROM" {
			continue
		}
		for _, name := range instruction.Undefined {
			for _, arg := range global {
				if slices.ContainsFunc(arg.Args, func(pair instructions.KeyValuePairOptional) bool { return pair.Key == name }) {
					unknown[name] = "unknown"
				}
			}
		}
	}
	return unknown
}

func (f file) withUnknown() map[string]string {
	args := maps.Clone(f.unknown)
	maps.Copy(args, f.buildArgs)
	return args
}
