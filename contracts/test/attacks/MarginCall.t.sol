// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {MorphoMarginCall} from "../../src/adapters/MorphoMarginCall.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {IMarginCall, MarginTerms} from "../../src/interfaces/IMarginCall.sol";
import {Fill, Intent, Landing, Order} from "../../src/types/Types.sol";
import {HookedBorrower, HookedToken} from "../base/HookedToken.sol";
import {MarginCallWorld} from "../fixtures/MarginCallWorld.sol";

/// @notice Attacks on margin calls, through the escrow, against Morpho Blue itself.
contract MarginCallAttacks is MarginCallWorld {
    function _collateral() private view returns (uint256) {
        return morpho.position(id, borrower).collateral;
    }

    function _shares() private view returns (uint256) {
        return morpho.position(id, borrower).borrowShares;
    }

    function _health() private view returns (uint256 relative) {
        (,,,, relative) = margin.assess(position);
    }

    function _signedOptIn(MarginTerms memory signed, uint256 nonce, uint256 deadline, MorphoMarginCall at)
        private
        view
        returns (bytes memory)
    {
        bytes32 structHash = keccak256(
            abi.encode(
                at.TERMS_TYPEHASH(),
                keccak256(position),
                signed.triggerBps,
                signed.targetBps,
                signed.penaltyBps,
                nonce,
                deadline
            )
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Gavel margin call"),
                keccak256("1"),
                block.chainid,
                address(at)
            )
        );
        return _sign(borrowerKey, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
    }

    // ---- the remote margin call with a dust ask ----

    /// @dev The lot that leaves the position is the vault's only security until the payment is proved: it is all of the
    /// seizable, however little the winner asks. What the winner didn't ask for comes back.
    function test_ARemoteMarginCallWithADustAsk() public {
        Intent memory intent = _intent(home, position);
        uint256 held = _collateral();
        (bytes32 orderId, Order memory order) = _open(home, _landingOf(home, intent, alice, 1, PAY_DOMAIN));
        assertEq(order.ask, 1);
        assertEq(_seizedOf(home, orderId), intent.seizable, "the lot secures the vault");
        assertEq(_collateral(), held - intent.seizable);
        uint256 lotValue = uint256(intent.seizable) * 1820 / 1e12;
        assertGe(lotValue, order.repaid, "worth the debt repaid");
        assertLe(lotValue * 10_000, uint256(order.repaid) * 10_200 + 10_000, "and the penalty at most");

        Fill memory facts = _fillByWinner(pay, order);
        _reportAndDeliver(pay, facts);
        home.collateral.returnSurplus(MARKET, position, address(home.ether_));
        uint256 surplus = intent.seizable - 1;
        assertApproxEqAbs(_collateral(), held - intent.seizable + surplus * 8 / 10, 1);
        assertEq(_balance(address(home.ether_), alice.payout), 1);
    }

    function test_ALocalDustAskTakesDust() public {
        Intent memory intent = _intent(home, position);
        uint256 held = _collateral();
        (uint8 landed,) = _land(home, _landingOf(home, intent, alice, 1, HOME_DOMAIN));
        assertEq(landed, 1);
        assertEq(_collateral(), held - 1, "nothing round-trips");
        assertEq(_surplusOf(home, position), 0);
        assertGt(_health(), uint256(terms.targetBps) * 1e18 / terms.triggerBps);
    }

    // ---- borrower revoking between award and landing ----

    function test_BorrowerRevokingBetweenAwardAndLanding() public {
        Landing memory landing = _landingOf(home, _intent(home, position), alice, 1e18, HOME_DOMAIN);
        uint256 paid = home.dollar.balanceOf(alice.account);
        uint256 bond = home.bonds.balanceOf(alice.account, address(home.dollar));
        uint256 snapshot = vm.snapshot();

        vm.prank(borrower);
        morpho.setAuthorization(address(margin), false);
        _assertNothingLands(landing);
        assertEq(home.dollar.balanceOf(alice.account), paid);
        assertEq(home.bonds.balanceOf(alice.account, address(home.dollar)), bond, "no fault of the winner's");

        // The borrower can't switch back on when the market turns: anyone notes it, and it is a day until the next
        // call.
        vm.prank(stranger);
        margin.noteRevoked(position);
        vm.prank(borrower);
        morpho.setAuthorization(address(margin), true);
        _assertNothingLands(landing);
        vm.warp(block.timestamp + 1 days);
        _setPrice(1820e8);
        (,, uint256 repay,,) = margin.assess(position);
        assertGt(repay, 0);

        vm.revertTo(snapshot);
        vm.prank(borrower);
        margin.optOut(position);
        _assertNothingLands(landing);
    }

    function _assertNothingLands(Landing memory landing) private {
        uint256 held = _collateral();
        cheats.expectPartialRevert(ICollateralEscrow.Healthy.selector);
        home.collateral.land(landing);
        assertEq(_collateral(), held);
    }

    // ---- a trigger above the trigger ----

    function test_CalledAboveTheTrigger() public {
        _setPrice(1832e8); // health 1.0503
        assertGe(_health(), 1e18);
        home.dollar.mint(address(margin), 1000e6);
        vm.prank(address(home.collateral));
        cheats.expectPartialRevert(IMarginCall.NotCallable.selector);
        margin.liquidate(position, 1000e6, 1e18, address(home.collateral));

        _setPrice(1830e8); // health 1.0492
        Landing memory landing = _landingOf(home, _intent(home, position), alice, 1e17, HOME_DOMAIN);
        _setPrice(1832e8);
        _assertNothingLands(landing);
    }

    function test_CalledByAnybodyElse() public {
        home.dollar.mint(address(margin), 1000e6);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.NotEscrow.selector, address(this)));
        margin.liquidate(position, 1000e6, 1e18, address(this));
        vm.prank(address(home.collateral));
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.NotEscrow.selector, stranger));
        margin.liquidate(position, 1000e6, 1e18, stranger);
    }

    // ---- a penalty beyond the terms ----

    /// @dev Auctioneers sign an intent whose seizable is three times the truth; and the price rises before the landing.
    function test_APenaltyBeyondTheTerms() public {
        Intent memory intent = _intent(home, position);
        intent.seizable *= 3;
        uint256 snapshot = vm.snapshot();
        Landing memory landing = _landingOf(home, intent, alice, intent.seizable, HOME_DOMAIN);
        uint256 held = _collateral();
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0, "an ask above what the terms give is passed over");
        assertEq(_collateral(), held);

        vm.revertTo(snapshot);
        (landed,) = _land(home, _landingOf(home, intent, alice, intent.seizable, PAY_DOMAIN));
        assertEq(landed, 0);
        assertEq(_collateral(), held);

        vm.revertTo(snapshot);
        home.dollar.mint(address(margin), 100_000e6);
        vm.prank(address(home.collateral));
        uint256 repaid = margin.liquidate(position, 100_000e6, type(uint256).max, address(home.collateral));
        uint256 seized = held - _collateral();
        assertLe(seized * 1820 * 10_000, repaid * 1e12 * 10_200);
        assertLe(repaid, intent.repay);
    }

    function testFuzz_ALandingWhateverIsSigned(uint128 repay, uint128 seizable, uint128 ask, bool remote) public {
        Intent memory intent = _intent(home, position);
        intent.repay = uint128(bound(repay, 100e6, 20_000e6));
        intent.seizable = uint128(bound(seizable, 1e16, 10e18));
        Landing memory landing =
            _landingOf(home, intent, alice, bound(ask, 1, intent.seizable), remote ? PAY_DOMAIN : HOME_DOMAIN);
        uint256 held = _collateral();
        uint256 shares = _shares();
        uint256 before = _health();
        vm.prank(keeper);
        try home.collateral.land(landing) {
            assertGe(_health(), before);
            uint256 repaid = 15_000e6 * (shares - _shares()) / shares;
            assertLe((held - _collateral()) * 1820 * 10_000, (repaid + 2) * 1e12 * 10_200);
        } catch {
            assertEq(_collateral(), held);
        }
    }

    // ---- signatures ----

    function test_ASignatureReplay() public {
        uint256 deadline = block.timestamp + 10 days;
        MarginTerms memory lax = MarginTerms(11_000, 20_000, 1000);
        bytes memory signature = _signedOptIn(lax, margin.nonces(borrower), deadline, margin);
        margin.setTermsFor(position, lax, deadline, signature);
        vm.prank(borrower);
        margin.optOut(position);
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        margin.setTermsFor(position, lax, deadline, signature);

        // Of another adapter, of another position, of another chain.
        MorphoMarginCall old = margin;
        signature = _signedOptIn(lax, 0, deadline, old);
        _enter(home.ether_);
        vm.prank(borrower);
        morpho.setAuthorization(address(margin), true);
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        margin.setTermsFor(position, lax, deadline, signature);
        signature = _signedOptIn(lax, 0, deadline, margin);
        vm.chainId(999);
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        margin.setTermsFor(position, lax, deadline, signature);
        vm.chainId(home.chainId);
        margin.setTermsFor(position, lax, deadline, signature);
    }

    /// @dev An opt-in signed earlier and held back doesn't outlive what the borrower did since.
    function test_AHeldBackSignatureAfterOptingOut() public {
        uint256 deadline = block.timestamp + 10 days;
        bytes memory signature = _signedOptIn(terms, margin.nonces(borrower), deadline, margin);
        vm.prank(borrower);
        margin.optOut(position);
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        margin.setTermsFor(position, terms, deadline, signature);
    }

    /// @dev A borrower at 1.04 opts in by two signatures that a relayer sends in the right order, permission first.
    /// Another account sends the second terms ahead of the permission, to note that the permission is missing: first
    /// terms would wait a day.
    function test_SignedTermsSentAheadOfTheirPermission() public {
        (borrower, borrowerKey) = makeAddrAndKey("newcomer");
        position = abi.encode(id, borrower);
        openLoan(morpho, params, borrower, 10e18, 15_000e6);
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = _signedOptIn(terms, 0, deadline, margin);

        vm.startPrank(stranger);
        vm.expectRevert(IMarginCall.NotPermitted.selector);
        margin.setTermsFor(position, terms, deadline, signature);
        vm.expectRevert(IMarginCall.NothingToSuspend.selector);
        margin.noteRevoked(position);
        vm.stopPrank();

        vm.prank(borrower);
        morpho.setAuthorization(address(margin), true);
        margin.setTermsFor(position, terms, deadline, signature);
        (,, uint256 repay,,) = margin.assess(position);
        assertGt(repay, 0, "callable at once");
    }

    // ---- a stale terms change racing a call ----

    /// @dev A call under way is not dodged by making it worthless, and not made dearer by an account sending a lax
    /// change late.
    function test_AStaleTermsChangeRacing() public {
        Landing memory landing = _landingOf(home, _intent(home, position), alice, 1e18, HOME_DOMAIN);
        vm.prank(borrower);
        margin.setTerms(position, MarginTerms(10_000, 10_200, 10));
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1, "the terms of the award's time hold");

        uint256 deadline = block.timestamp + 10 days;
        MarginTerms memory lax = MarginTerms(11_000, 20_000, 1000);
        bytes memory signature = _signedOptIn(lax, margin.nonces(borrower), deadline, margin);
        (,, uint256 before,,) = margin.assess(position);
        margin.setTermsFor(position, lax, deadline, signature);
        (,, uint256 afterwards,,) = margin.assess(position);
        assertEq(afterwards, before, "a day's notice");
        vm.prank(borrower);
        margin.setTerms(position, terms);
        vm.warp(block.timestamp + 1 days);
        (MarginTerms memory inForce,,) = margin.termsOf(position);
        assertEq(inForce.penaltyBps, terms.penaltyBps, "taken back before it held");
    }

    // ---- reentrancy ----

    function _enterHooked() private returns (HookedToken token, HookedBorrower hooked) {
        token = new HookedToken();
        hooked = new HookedBorrower();
        borrower = address(hooked);
        _enter(TestToken(address(token)));
        token.mint(borrower, 10e18);
        hooked.act(address(token), abi.encodeCall(token.approve, (address(morpho), 10e18)));
        hooked.act(address(morpho), abi.encodeCall(morpho.supplyCollateral, (params, 10e18, borrower, "")));
        hooked.act(address(morpho), abi.encodeCall(morpho.borrow, (params, 15_000e6, 0, borrower, borrower)));
        hooked.act(address(morpho), abi.encodeCall(morpho.setAuthorization, (address(margin), true)));
        hooked.act(address(margin), abi.encodeCall(margin.setTerms, (position, terms)));
        _setPrice(1820e8);
        token.setListener(borrower);
    }

    function test_ReentrancyFromATransferOfTheBorrowersCollateral() public {
        (, HookedBorrower hooked) = _enterHooked();
        Landing memory landing = _landingOf(home, _intent(home, position), alice, 1e18, HOME_DOMAIN);
        uint256 snapshot = vm.snapshot();

        // The same landing inside itself.
        hooked.prepare(address(home.collateral), abi.encodeCall(home.collateral.land, (landing)));
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1);
        assertFalse(hooked.succeeded());
        assertEq(_collateral(), 9e18);

        // The adapter inside itself.
        vm.revertTo(snapshot);
        hooked.prepare(
            address(margin),
            abi.encodeCall(margin.liquidate, (position, 0, type(uint256).max, address(home.collateral)))
        );
        (landed,) = _land(home, landing);
        assertEq(landed, 1);
        assertFalse(hooked.succeeded());

        // Leaving inside the call: too late for this one, in time for the next.
        vm.revertTo(snapshot);
        hooked.prepare(address(margin), abi.encodeCall(margin.optOut, (position)));
        (landed,) = _land(home, landing);
        assertEq(landed, 1);
        assertTrue(hooked.succeeded());
        assertEq(_collateral(), 9e18);
    }

    /// @dev The borrower spends the call's relief inside it, so that its position would end worse: the whole attempt is
    /// undone, no account is punished.
    function test_TheReliefSpentInsideTheCall() public {
        (, HookedBorrower hooked) = _enterHooked();
        Landing memory landing = _landingOf(home, _intent(home, position), alice, 1e18, HOME_DOMAIN);
        uint256 shares = _shares();
        uint256 paid = home.dollar.balanceOf(alice.account);
        // After the repayment Morpho allows it; with 1 ether less of collateral health would be 1.02.
        hooked.prepare(address(morpho), abi.encodeCall(morpho.borrow, (params, 2600e6, 0, borrower, borrower)));
        uint256 snapshot = vm.snapshot();
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0);
        assertFalse(hooked.succeeded());
        assertEq(_shares(), shares);
        assertEq(home.dollar.balanceOf(alice.account), paid);
        assertEq(_collateral(), 10e18);

        // What leaves it better than before is the borrower's right.
        vm.revertTo(snapshot);
        hooked.prepare(address(morpho), abi.encodeCall(morpho.borrow, (params, 1000e6, 0, borrower, borrower)));
        uint256 before = _health();
        (landed,) = _land(home, landing);
        assertEq(landed, 1);
        assertTrue(hooked.succeeded());
        assertGe(_health(), before);
    }
}
