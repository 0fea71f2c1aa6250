#!/bin/sh
# Make the certificates of the TLS tests with openssl; their keys protect nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
openssl ecparam -name prime256v1 -genkey -noout -out "$work/ca.key"
openssl req -x509 -new -key "$work/ca.key" -subj "/CN=newsbot test authority" -days 36500 -out authority.pem \
    -addext "keyUsage=critical,keyCertSign,cRLSign"
: >"$work/index.txt"
echo 1000 >"$work/serial"
cat >"$work/ca.cnf" <<END
[ca]
default_ca = own
[own]
new_certs_dir = $work
database = $work/index.txt
serial = $work/serial
certificate = authority.pem
private_key = $work/ca.key
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END
leaf() { # file, names, first day, last day
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key"
    openssl req -new -key "$work/$1.key" -subj "/CN=$1" -addext "subjectAltName=$2" -out "$work/$1.csr"
    openssl ca -batch -notext -config "$work/ca.cnf" -in "$work/$1.csr" -out "$work/$1.crt" \
        -startdate "$3" -enddate "$4"
    cat "$work/$1.key" "$work/$1.crt" >"$1.pem"
}
leaf good "DNS:site.test,IP:127.0.0.1" 20200101000000Z 21200101000000Z
leaf expired "DNS:site.test,IP:127.0.0.1" 20200101000000Z 20210101000000Z
leaf other_name "DNS:other.test" 20200101000000Z 21200101000000Z
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=site.test" -days 36500 \
    -addext "subjectAltName=DNS:site.test,IP:127.0.0.1" -keyout "$work/self.key" -out "$work/self.crt"
cat "$work/self.key" "$work/self.crt" >self_signed.pem
rm -r "$work"
