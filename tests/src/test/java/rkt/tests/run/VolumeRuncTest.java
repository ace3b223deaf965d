package rkt.tests.run;

/** With runc. */
class VolumeRuncTest extends VolumeCases {
  @Override
  String runtime() {
    return "runc";
  }
}
