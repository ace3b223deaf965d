package rkt.tests.run;

import java.nio.file.Path;

/** With crun. */
class VolumeTest extends VolumeCases {
  @Override
  Path runtime() {
    return Path.of("/usr/bin/crun");
  }
}
