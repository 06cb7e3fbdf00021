package main

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"path/filepath"
	"sort"
)

// literals finds every text that is written out in the tests of a folder, and sums and repetitions of such texts.
func literals(folder string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if _, isImport := node.(*ast.ImportSpec); isImport {
				return false
			}
			expression, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			value := textOf(expression)
			if value != nil {
				found[constant.StringVal(value)] = true
			}
			return value == nil
		})
	}
	texts := make([]string, 0, len(found))
	for text := range found {
		texts = append(texts, text)
	}
	sort.Strings(texts)
	return texts, nil
}

func textOf(expression ast.Expr) constant.Value {
	switch each := expression.(type) {
	case *ast.BasicLit:
		if each.Kind == token.STRING {
			return constant.MakeFromLiteral(each.Value, token.STRING, 0)
		}
	case *ast.ParenExpr:
		return textOf(each.X)
	case *ast.BinaryExpr:
		if left, right := textOf(each.X), textOf(each.Y); each.Op == token.ADD && left != nil && right != nil {
			return constant.BinaryOp(left, token.ADD, right)
		}
	case *ast.CallExpr:
		return repeated(each)
	}
	return nil
}

// repeated is strings.Repeat of a text, by which tests write names that are too long.
func repeated(call *ast.CallExpr) constant.Value {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "Repeat" || len(call.Args) != 2 {
		return nil
	}
	text := textOf(call.Args[0])
	count, ok := call.Args[1].(*ast.BasicLit)
	if text == nil || !ok || count.Kind != token.INT {
		return nil
	}
	times, ok := constant.Int64Val(constant.MakeFromLiteral(count.Value, token.INT, 0))
	if !ok || times > 1000 {
		return nil
	}
	repeated := constant.MakeString("")
	for range times {
		repeated = constant.BinaryOp(repeated, token.ADD, text)
	}
	return repeated
}
