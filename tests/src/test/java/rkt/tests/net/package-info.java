/**
 * Networks of pods: a host and an outside world made of namespaces; spec/net.md, spec/tests.md
 * section 10.
 */
package rkt.tests.net;
