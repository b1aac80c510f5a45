V4410asian
r a BC-US--Rocket-TestSta 1stLd-Writethru   12-31 0415
^*9006< ^BC-US--Rocket-Test Stand, 1st Ld-Writethru,212<
^Engineers rebuild test stand, ``bolt by bolt''<
^AP Photo QQX101, QQX102<
^Eds: Updates. With AP Photos.<
^A stand that tested engines in the 1960s is to roar again, and its neighbors
are divided.<
^By DORA QUILL=
^AP Science Writer=
	   MARLOW, Ala. (AP) _ The old test stand at Marlow will fire again in May, and
the town is of two minds _ some say three.

	   ``It shook the plates,'' said Ed Voss. ``He told me, `Duck.'''

	   ___

	   EDITOR'S NOTE _ Dora Quill has covered rockets since 1998.

	   Eds: The reporter can be reached at the Marlow desk.

	   AP-WF-01-01-25 0130GMT<


