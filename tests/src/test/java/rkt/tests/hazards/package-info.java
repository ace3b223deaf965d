/**
 * What must survive: many pods at once, SIGKILL at any moment, full disks. Bounded in count and
 * time.
 */
package rkt.tests.hazards;
