/* SPDX-License-Identifier: MIT */
/*
 * make_certificates.c: for tests in other languages: fills a folder with
 * certificates that are good for a day, "ca", and "server" and "renewed"
 * (for localhost) and "client" (anna) signed by it; each .crt and .key.
 */
#include <config.h>

#include <tests/certificates.h>

#include <stdio.h>

int main(int argc, char **argv)
{
	struct made ca, server, renewed, client;

	if (argc != 2) {
		fprintf(stderr, "usage: make_certificates FOLDER\n");
		return 2;
	}
	use_folder(argv[1]);
	ca = make_certificate(&(struct wish){ .name = "ca", .is_ca = 1 });
	server = make_certificate(&(struct wish){
		.name = "localhost", .issuer = &ca });
	renewed = make_certificate(&(struct wish){
		.name = "localhost", .issuer = &ca });
	client = make_certificate(&(struct wish){
		.name = "anna", .issuer = &ca });
	write_made(&ca, NULL, "ca");
	write_made(&server, NULL, "server");
	write_made(&renewed, NULL, "renewed");
	write_made(&client, NULL, "client");
	free_made(&ca);
	free_made(&server);
	free_made(&renewed);
	free_made(&client);
	return 0;
}
