package rkt.tests.run;

import java.nio.file.Path;

/** With runc. */
class VolumeRuncTest extends VolumeCases {
  @Override
  Path runtime() {
    return Path.of("/usr/sbin/runc");
  }
}
