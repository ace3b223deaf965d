/**
 * One test for each published way out of a container, with the attack as an image or an app, and
 * the assertion that the machine is unharmed. docs/security.md is the table of them.
 */
package rkt.tests.breakout;
