package deployment

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestCORSAlike: the gateway and package httpapi have the same CORS settings.
func TestCORSAlike(t *testing.T) {
	t.Parallel()
	valid := theTemplate(t)
	for _, complaint := range corsComplaints(t, valid) {
		t.Error(complaint)
	}
	for old, replacement := range map[string]string{
		"MaxAge: 600":        "MaxAge: 60",
		"PATCH, DELETE, OP":  "DELETE, OP",
		"If-Match, ":         "",
		"WWW-Authenticate, ": "",
		"          MaxAge:":  "          AllowCredentials: true\n          MaxAge:",
	} {
		if len(corsComplaints(t, strings.Replace(valid, old, replacement, 1))) == 0 {
			t.Errorf("no complaint about %q instead of %q", replacement, old)
		}
	}
}

func corsComplaints(t *testing.T, text string) (found []string) {
	t.Helper()
	template, err := readTemplate([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := newStack(template, map[string]string{"CorsOrigins": "https://a.example,https://b.example"})
	gateway := section(s.all()["HttpApi"].properties, "CorsConfiguration")
	code := corsOfTheCode(t)
	for theirs, ours := range map[string]string{"AllowMethods": "AllowedMethods", "AllowHeaders": "AllowedHeaders",
		"ExposeHeaders": "ExposedHeaders", "MaxAge": "MaxAge"} {
		got, want := texts(gateway[theirs]), code[ours]
		slices.Sort(got)
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(got, want) {
			found = append(found, fmt.Sprintf("%s is %q in the template, and %q in internal/httpapi", theirs, got, want))
		}
	}
	if gateway["AllowCredentials"] != nil {
		found = append(found, "the gateway allows credentials, but the server does not")
	}
	if s := newStack(template, nil); s.all()["HttpApi"].properties["CorsConfiguration"] != nil {
		found = append(found, "the gateway has CORS settings without an origin")
	}
	return found
}

// corsOfTheCode parses the options that internal/httpapi passes to the CORS library.
func corsOfTheCode(t *testing.T) map[string][]string {
	t.Helper()
	names, options := map[string][]string{}, map[string][]string{}
	var words func(e ast.Expr) []string
	words = func(e ast.Expr) []string {
		switch e := e.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(e.Value); err == nil {
				return []string{s}
			}
			return []string{e.Value}
		case *ast.Ident:
			return names[e.Name]
		case *ast.SelectorExpr: // http.MethodGet
			if method, ok := strings.CutPrefix(e.Sel.Name, "Method"); ok {
				return []string{strings.ToUpper(method)}
			}
		case *ast.CompositeLit:
			var list []string
			for _, item := range e.Elts {
				list = append(list, words(item)...)
			}
			return list
		}
		return nil
	}
	files, err := filepath.Glob("internal/httpapi/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	for _, file := range parsed { // names first: an option may use a name of another file
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					if w := words(spec.Values[i]); len(w) > 0 && names[name.Name] == nil {
						names[name.Name] = w
					}
				}
			}
			return true
		})
	}
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if selector, ok := literal.Type.(*ast.SelectorExpr); ok && selector.Sel.Name == "Options" &&
				selector.X.(*ast.Ident).Name == "cors" {
				for _, item := range literal.Elts {
					pair := item.(*ast.KeyValueExpr)
					options[pair.Key.(*ast.Ident).Name] = words(pair.Value)
				}
			}
			return true
		})
	}
	return options
}
