/**
 * Images with the built rkt: files, a real registry, building, listing, removing, hostile archives.
 */
package rkt.tests.images;
