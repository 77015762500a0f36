package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
)

// Keys derives tokens, signatures and what seals secrets from the secret key. A token is never stored: the database keeps
// its nonce, from which a job that knows only IDs can make it again, and its hash, by which it is found.
type Keys struct{ secret []byte }

// Nonce is 128 random bits, as text.
func Nonce() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Token is HMAC-SHA-256(secret, purpose, row id, nonce) as URL-safe text of 43 characters.
func (k Keys) Token(purpose string, id int64, nonce string) string {
	return base64.RawURLEncoding.EncodeToString(k.mac("token", purpose, strconv.FormatInt(id, 10), nonce))
}

// HashToken is what the database keeps of a token.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Sign appends a signature to a payload, so that it may travel through a browser: "payload.signature".
func (k Keys) Sign(purpose, payload string) string {
	mac := base64.RawURLEncoding.EncodeToString(k.mac("sign", purpose, payload))
	return base64.RawURLEncoding.EncodeToString([]byte(payload)) + "." + mac
}

// Unsign returns the payload of Sign with the same purpose, or false.
func (k Keys) Unsign(purpose, signed string) (string, bool) {
	encoded, sig, ok := strings.Cut(signed, ".")
	if !ok {
		return "", false
	}
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return "", false
	}
	mac, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil || !hmac.Equal(mac, k.mac("sign", purpose, string(payload))) {
		return "", false
	}
	return string(payload), true
}

// Seal encrypts what must be read again, for one purpose and row.
func (k Keys) Seal(purpose string, id int64, plain []byte) ([]byte, error) {
	aead, err := k.aead(purpose)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, []byte(strconv.FormatInt(id, 10))), nil
}

// Unseal is what Seal encrypted for the same purpose and row. It fails for anything else, and with another
// secret key.
func (k Keys) Unseal(purpose string, id int64, sealed []byte) ([]byte, error) {
	aead, err := k.aead(purpose)
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nil, sealed, []byte(strconv.FormatInt(id, 10)))
}

// aead is AES-256-GCM with a key of its own for each purpose; it chooses the nonce and keeps it in front.
func (k Keys) aead(purpose string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k.secret, nil, "kurso seal "+purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Blind is a keyed hash of an address or network, to count by it without keeping it.
func (k Keys) Blind(purpose, value string) string {
	return base64.RawURLEncoding.EncodeToString(k.mac("blind", purpose, value)[:16])
}

func (k Keys) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, k.secret)
	for _, p := range parts {
		// the length keeps ("a","bc") and ("ab","c") apart
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return h.Sum(nil)
}
