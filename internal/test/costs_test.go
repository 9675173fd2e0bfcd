package test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// TestCosts computes the table in docs/costs.md from the prices and assumptions on the same page. If it differs, the
// test prints the correct table.
func TestCosts(t *testing.T) {
	t.Parallel()
	page := readText(t, "docs/costs.md")
	want, err := costTable(page)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := between(page, "costs"); err != nil || got != want {
		t.Errorf("the table does not match the prices and assumptions (%v). It is:\n%s\nand must be:\n%s", err, got,
			want)
	}
}

// TestCostsChange: a change of any number on the page changes the table or is an error.
func TestCostsChange(t *testing.T) {
	t.Parallel()
	page := readText(t, "docs/costs.md")
	original, err := costTable(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"prices", "assumptions", "constants"} {
		text, err := between(page, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(text), "\n")[2:] {
			cells := strings.Split(line, "|")
			for i := 2; i < len(cells)-1; i++ {
				if _, err := number(cells[i]); err != nil {
					continue // text
				}
				changed := append([]string{}, cells...)
				changed[i] = " 977 "
				got, err := costTable(strings.Replace(page, line, strings.Join(changed, "|"), 1))
				if err == nil && got == original {
					t.Errorf("%s: column %d of %q has no effect", name, i-1, strings.TrimSpace(cells[1]))
				}
			}
			if got, err := costTable(strings.Replace(page, line+"\n", "", 1)); err == nil {
				t.Errorf("%s: without %q the table is still\n%s", name, strings.TrimSpace(cells[1]), got)
			}
		}
	}
}

// hours is the number of hours per month, as in AWS's calculator.
const hours = 730

// costTable computes the table of costs from the other tables of the page.
func costTable(page string) (string, error) {
	prices, _, err := figures(page, "prices")
	if err != nil {
		return "", err
	}
	constants, _, err := figures(page, "constants")
	if err != nil {
		return "", err
	}
	assumptions, loads, err := figures(page, "assumptions")
	if err != nil {
		return "", err
	}
	loads = loads[:len(loads)-1] // the last column is the reason
	var missing []string
	one := func(from map[string][]float64, name string, column int) float64 {
		values := from[name]
		if column >= len(values) {
			missing = append(missing, name)
			return 0
		}
		return values[column]
	}
	price := func(name string) float64 { return one(prices, name, 0) }
	constant := func(name string) float64 { return one(constants, name, 0) }
	assumed := func(load int, name string) float64 { return one(assumptions, name, load) }
	capacity := func(load int) float64 {
		return assumed(load, "capacity while awake, ACUs") * (1 + assumed(load, "readers"))
	}
	rows := []struct {
		name string
		cost func(load int) float64
	}{
		{"gateway", func(l int) float64 { return assumed(l, "requests, millions") * price("gateway request") }},
		{"function", func(l int) float64 {
			seconds := 1e6 * assumed(l, "requests, millions") * constant("time of a request, ms") / 1000
			return assumed(l, "requests, millions")*price("function request") +
				seconds*constant("memory, MB")/1024*price("function time")
		}},
		{"logs", func(l int) float64 {
			bytes := constant("log line of the function, bytes") + constant("lines of Lambda, bytes") +
				constant("access log, bytes") +
				5*constant("added to each log event, bytes")
			perGB := price("log ingestion") + constant("log retention, months")*price("log storage")
			return 1e6 * assumed(l, "requests, millions") * bytes / 1e9 * perGB
		}},
		{"data out", func(l int) float64 {
			return 1e6 * assumed(l, "requests, millions") * constant("response, bytes") / 1e9 * price("data out")
		}},
		{"database", func(l int) float64 { return capacity(l) * assumed(l, "hours awake") * price("capacity") }},
		{"storage", func(l int) float64 {
			return assumed(l, "storage, GB")*price("storage") + assumed(l,
				"requests, millions")*constant("reads and writes of storage")*price("storage I/O")
		}},
		{"network, secret, key, alarms", func(int) float64 {
			return constant("endpoints")*hours*price("endpoint") + constant("secrets")*price("secret") +
				constant("keys")*price("key") + constant("alarms")*price("alarm")
		}},
		{"**without a proxy**", nil},
		{"proxy", func(l int) float64 {
			readers := 0.0
			if assumed(l, "readers") > 0 {
				readers = constant("endpoints of the proxy's reader") * hours * price("endpoint")
			}
			awake := capacity(l) * (hours - assumed(l, "hours awake")) * price("capacity")
			return max(capacity(l), price("proxy minimum"))*hours*price("proxy") + readers + awake
		}},
		{"**with a proxy**", nil},
	}
	var text strings.Builder
	fmt.Fprintf(&text, "| | %s |\n|---|%s\n", strings.Join(loads, " | "), strings.Repeat("---:|", len(loads)))
	sums := make([]float64, len(loads))
	for _, row := range rows {
		fmt.Fprintf(&text, "| %s |", row.name)
		for l := range loads {
			cell := sums[l]
			if row.cost != nil {
				// The sums are those of the rounded cells.
				cell = math.Round(row.cost(l)*100) / 100
				sums[l] += cell
			}
			fmt.Fprintf(&text, " %s |", dollars(cell))
		}
		text.WriteString("\n")
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("docs/costs.md has no row %q", missing)
	}
	return text.String(), nil
}

// figures parses a table of the page. It returns the numbers of each row by the name in the first cell (without †), and
// the names of the other columns.
func figures(page, name string) (rows map[string][]float64, columns []string, err error) {
	text, err := between(page, name)
	if err != nil {
		return nil, nil, err
	}
	rows = map[string][]float64{}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		for c := range cells {
			cells[c] = strings.TrimSpace(cells[c])
		}
		switch i {
		case 0:
			columns = cells[1:]
		case 1: // the line below the header
		default:
			row := strings.TrimSpace(strings.TrimSuffix(cells[0], "†"))
			for _, cell := range cells[1:] {
				value, err := number(cell)
				if err != nil {
					break
				}
				rows[row] = append(rows[row], value)
			}
		}
	}
	return rows, columns, nil
}

func number(cell string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(cell), ",", ""), 64)
}

// dollars formats an amount with commas and cents.
func dollars(amount float64) string {
	whole, cents, _ := strings.Cut(strconv.FormatFloat(amount, 'f', 2, 64), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + "." + cents
}

// between returns the text between the comments <!-- name --> and <!-- end of name -->.
func between(page, name string) (string, error) {
	_, rest, found := strings.Cut(page, "<!-- "+name+" -->\n")
	text, _, ended := strings.Cut(rest, "<!-- end of "+name+" -->")
	if !found || !ended {
		return "", fmt.Errorf("docs/costs.md has no table %s", name)
	}
	return text, nil
}
