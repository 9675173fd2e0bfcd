package query

// Seal makes a cursor of any content: the version and the checksum are right.
func (t *Table) Seal(sort []Order, content []byte) string {
	sum := t.checksum(sort, content)
	return cursorEncoding.EncodeToString(append(append([]byte{cursorVersion}, sum[:]...), content...))
}
