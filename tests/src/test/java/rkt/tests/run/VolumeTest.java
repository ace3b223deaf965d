package rkt.tests.run;

/** With crun. */
class VolumeTest extends VolumeCases {
  @Override
  String runtime() {
    return "crun";
  }
}
