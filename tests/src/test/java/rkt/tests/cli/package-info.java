/** What surrounds the commands: who may run them, installing, completion. */
package rkt.tests.cli;
