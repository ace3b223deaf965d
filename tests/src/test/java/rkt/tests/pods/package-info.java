/**
 * Pods that are over, or about to be: listing, UUID files, removing, collecting, entering, logs.
 */
package rkt.tests.pods;
