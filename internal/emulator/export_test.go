package emulator

// WaitForIdleEnds waits until all idle sandboxes have ended.
func (p *Pool) WaitForIdleEnds() {
	p.mu.Lock()
	idle := append([]*worker(nil), p.idle...)
	p.mu.Unlock()
	for _, w := range idle {
		<-w.exited
	}
}
