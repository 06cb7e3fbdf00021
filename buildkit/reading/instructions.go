package reading

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// Instruction is one of the file, whether some build runs it or not.
type Instruction struct {
	// Name is in capitals. Of ONBUILD it is that of the instruction that is kept for those who build on this image.
	Name    string `json:"name"`
	Line    int    `json:"line"`
	EndLine int    `json:"endLine"`
	// Text is its lines as one, without the comments between them.
	Text     string    `json:"text"`
	Onbuild  bool      `json:"onbuild"`
	Heredocs []Heredoc `json:"heredocs"`
	// Exec: a RUN that starts a program without a shell.
	Exec bool `json:"exec"`
	// Variables are those that an ARG or ENV sets.
	Variables []Variable `json:"variables"`
	// Undefined are the variables of a FROM, ADD or USER that get no value in this file.
	Undefined []string `json:"undefined"`
}

type Heredoc struct {
	// Line is that of the first line of its content.
	Line    int    `json:"line"`
	Content string `json:"content"`
}

type Variable struct {
	// Key is as it is written, Name without quotes and escapes.
	Key  string `json:"key"`
	Name string `json:"name"`
	// Unclear: the name is made of other variables.
	Unclear bool `json:"unclear"`
	// Empty: it has an empty value. An ARG without a value is not empty, a build may give it one.
	Empty bool `json:"empty"`
}

func instructionsOf(parsed *parser.Result, names defined) []Instruction {
	lex := shell.NewLex(parsed.EscapeToken)
	list := []Instruction{}
	for _, node := range parsed.AST.Children {
		instruction := Instruction{
			Name:      strings.ToUpper(node.Value),
			Line:      node.StartLine,
			EndLine:   node.EndLine,
			Text:      node.Original,
			Heredocs:  heredocsOf(node),
			Variables: []Variable{},
			Undefined: []string{},
		}
		if command, kept := commandOf(node); command != nil {
			if kept != nil {
				instruction.Onbuild = true
				instruction.Name = strings.ToUpper(kept.Value)
			}
			if run, isRun := command.(*instructions.RunCommand); isRun {
				instruction.Exec = !run.PrependShell
			}
			instruction.Variables = variablesOf(command, lex)
			instruction.Undefined = undefinedIn(command, lex, names[node.StartLine])
		}
		list = append(list, instruction)
	}
	return list
}

// commandOf is an instruction with its parts, for an ONBUILD the one that it keeps; nil if it is wrong.
func commandOf(node *parser.Node) (command any, kept *parser.Node) {
	command, err := instructions.ParseInstructionWithLinter(node, silent)
	if err != nil {
		return nil, nil
	}
	onbuild, isOnbuild := command.(*instructions.OnbuildCommand)
	if !isOnbuild {
		return command, nil
	}
	trigger, err := parser.Parse(strings.NewReader(onbuild.Expression))
	if err != nil || len(trigger.AST.Children) != 1 {
		return nil, nil
	}
	if command, err = instructions.ParseInstructionWithLinter(trigger.AST.Children[0], silent); err != nil {
		return nil, nil
	}
	return command, trigger.AST.Children[0]
}

// heredocsOf finds where each begins: they stand behind the instruction, one after the other, each with a line that ends it.
func heredocsOf(node *parser.Node) []Heredoc {
	heredocs := []Heredoc{}
	line := node.EndLine + 1
	for _, heredoc := range node.Heredocs {
		line -= strings.Count(heredoc.Content, "\n") + 1
	}
	for _, heredoc := range node.Heredocs {
		heredocs = append(heredocs, Heredoc{Line: line, Content: heredoc.Content})
		line += strings.Count(heredoc.Content, "\n") + 1
	}
	return heredocs
}

func variablesOf(command any, lex *shell.Lex) []Variable {
	variables := []Variable{}
	add := func(key string, value *string) {
		name, err := lex.ProcessWordWithMatches(key, nothing)
		unclear := err != nil || len(name.Unmatched) > 0
		empty := false
		if value != nil {
			result, err := lex.ProcessWordWithMatches(*value, nothing)
			empty = err == nil && result.Result == "" && len(result.Unmatched) == 0
		}
		variables = append(variables, Variable{Key: key, Name: name.Result, Unclear: unclear, Empty: empty})
	}
	switch c := command.(type) {
	case *instructions.EnvCommand:
		for _, pair := range c.Env {
			add(pair.Key, &pair.Value)
		}
	case *instructions.ArgCommand:
		for _, pair := range c.Args {
			add(pair.Key, pair.Value)
		}
	}
	return variables
}

// silent says nothing; without a linter BuildKit ends at a comment about its checks.
var silent = linter.New(&linter.Config{})

var nothing = shell.EnvsFromSlice(nil)
