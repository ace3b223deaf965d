/**
 * Running pods with the built rkt: exit codes, overrides, environment, identity, isolation,
 * terminals, logs, stopping.
 */
package rkt.tests.run;
