package mail

import "context"

// Check connects, greets and signs in as for a letter, and sends none. Its error is what the server or
// the network said.
func (s *Sender) Check(ctx context.Context) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return &SendError{Reply: scrub(err.Error(), "")}
	}
	return conn.Quit()
}
