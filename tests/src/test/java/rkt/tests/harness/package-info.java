/**
 * What the black-box tests stand on: the built {@code rkt} as a user runs it ({@link
 * rkt.tests.harness.Rkt}), images made with rkt itself ({@link rkt.tests.harness.Images}), a real
 * registry on loopback ({@link rkt.tests.harness.Registry}) and the search for leftovers ({@link
 * rkt.tests.harness.Leftovers}).
 *
 * <p>Every test has its own data and configuration directories, runs in the network namespace of
 * Surefire's java ({@code testkit/isolated/bin/java}), and ends only processes it started.
 */
package rkt.tests.harness;
