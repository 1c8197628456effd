// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../../src/BackstopVault.sol";
import {Fill, Order, OrderState} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";

/// @title The vault through landings, defaults, sales and forfeits of the real escrow and bonds.
contract VaultLifeTest is GavelTest {
    uint256 internal constant PRINCIPAL = 5002e6;
    /// @dev 70 % of the principal, where the home sale's price rests.
    uint256 internal constant FLOOR = 3501.4e6;

    address internal buyer = makeAddr("buyer");
    address internal thief = makeAddr("thief");
    bytes32 internal id;
    Order internal order;

    function setUp() public override {
        super.setUp();
        address[2] memory accounts = [buyer, thief];
        for (uint256 i; i < 2; ++i) {
            home.dollar.mint(accounts[i], 1_000_000e6);
            vm.startPrank(accounts[i]);
            home.dollar.approve(address(home.vault), type(uint256).max);
            home.dollar.approve(address(home.collateral), type(uint256).max);
            vm.stopPrank();
        }
    }

    function _openOrder() internal {
        Order memory opened;
        (id, opened) = _openOne(home, pay, "one", 2.6 ether);
        order = opened;
    }

    /// @dev No account pays; the lot is sold at the floor.
    function _defaultAndSale() internal {
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        vm.warp(block.timestamp + 1200);
        vm.prank(buyer);
        (, uint256 price) = home.collateral.buy(order, 0, type(uint256).max, buyer);
        assertEq(price, FLOOR);
    }

    function _forfeit() internal returns (uint256 amount, uint256 bounty) {
        vm.warp(block.timestamp + 7 days);
        return home.collateral.forfeit(order);
    }

    function _deposit(address account, uint256 assets) internal {
        vm.prank(account);
        home.vault.deposit(assets, account);
    }

    function _requestAll(address account) internal {
        uint256 shares = home.vault.balanceOf(account);
        vm.prank(account);
        home.vault.requestRedeem(shares, account, account);
    }

    function _claimAll(address account) internal returns (uint256 assets) {
        uint256 shares = home.vault.maxRedeem(account);
        vm.prank(account);
        return home.vault.redeem(shares, account, account);
    }

    function _expectBalanced() internal view {
        assertEq(home.dollar.balanceOf(address(home.vault)), home.vault.idle() + home.vault.reserve());
    }

    /// No share is made or redeemed inside a landing, regardless of which contract the lending protocol calls.
    function test_Lock_NothingMovesInsideALanding() public {
        bytes[8] memory calls = [
            abi.encodeCall(home.vault.deposit, (1, address(home.adapter))),
            abi.encodeCall(home.vault.mint, (1e6, address(home.adapter))),
            abi.encodeCall(home.vault.requestRedeem, (1, address(home.adapter), address(home.adapter))),
            abi.encodeCall(home.vault.redeem, (1, address(home.adapter), address(home.adapter))),
            abi.encodeCall(home.vault.withdraw, (1, address(home.adapter), address(home.adapter))),
            abi.encodeCall(home.vault.bringHome, (PAY_DOMAIN, 1)),
            abi.encodeCall(home.vault.fundReserve, (1)),
            abi.encodeCall(home.vault.claimReimbursement, (address(home.adapter)))
        ];
        for (uint256 i; i < calls.length; ++i) {
            home.adapter.setCallback(address(home.vault), calls[i]);
            _openOne(home, pay, bytes32(i), 2.6 ether);
            assertFalse(home.adapter.callbackOk());
            assertEq(bytes4(home.adapter.callbackReturned()), BackstopVault.EscrowLocked.selector, vm.toString(i));
        }
    }

    /// Through expiry, sale and forfeit the money is where the accounts say, and the loss is exactly what nothing
    /// covered.
    function test_Default_SaleForfeitLoss() public {
        _openOrder();
        assertEq(home.vault.receivables(), PRINCIPAL);
        _defaultAndSale();
        _expectBalanced();
        assertEq(home.vault.openClaims(), PRINCIPAL - FLOOR);
        assertEq(home.vault.totalAssets(), 1_000_000e6, "nothing is lost before the bond is decided");
        (uint256 amount, uint256 bounty) = _forfeit();
        _expectBalanced();
        assertEq(bounty, 0, "the lack comes first");
        assertEq(home.vault.recordedLosses(), PRINCIPAL - FLOOR - amount);
        assertEq(home.vault.lossesOf(MARKET), home.vault.recordedLosses());
        assertEq(home.vault.totalAssets(), 1_000_000e6 - home.vault.recordedLosses());
        assertEq(home.vault.openPrincipal(MARKET), 0);
    }

    function test_Default_TheReserveTakesTheLoss() public {
        vm.prank(thief);
        home.vault.fundReserve(5000e6);
        _openOrder();
        _defaultAndSale();
        assertEq(home.vault.redemptionValue(home.vault.balanceOf(lender)), 1_000_000e6, "lenders are whole at once");
        (uint256 amount,) = _forfeit();
        _expectBalanced();
        assertEq(home.vault.reserve(), 5000e6 - (PRINCIPAL - FLOOR) + amount);
        assertEq(home.vault.recordedLosses(), 0);
        assertEq(home.vault.totalAssets(), 1_000_000e6);
    }

    /// A payment in time whose proof came after the sale frees the bond: the claim on it falls to reserve and
    /// depositors.
    function test_Default_LateProofFreesTheBond() public {
        _openOrder();
        vm.chainId(pay.chainId);
        Fill memory facts = _fillByWinner(pay, order);
        vm.chainId(home.chainId);
        _defaultAndSale();
        _reportAndDeliver(pay, facts);
        assertEq(home.vault.openClaims(), 0);
        assertEq(home.vault.recordedLosses(), PRINCIPAL - FLOOR);
        assertEq(home.bonds.lockedOf(alice.account, address(home.dollar)), 0);
        _expectBalanced();
        _answer(home, pay, id);
        uint256 before = pay.dollar.balanceOf(alice.account);
        pay.repayment.refund(facts);
        assertEq(pay.dollar.balanceOf(alice.account) - before, order.payAmount);
    }

    function test_Default_ProofBeforeTheSaleStillSettles() public {
        _openOrder();
        Fill memory facts = _fillByWinner(pay, order);
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        assertEq(home.vault.lots(), PRINCIPAL);
        _reportAndDeliver(pay, facts);
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertEq(home.vault.lots(), 0);
        assertEq(home.vault.away(PAY_DOMAIN), 5004.5e6);
        _answer(home, pay, id);
        pay.repayment.release(facts);
    }

    function test_Attack_DepositBeforeAForfeitAndRedeemAfter() public {
        _openOrder();
        _defaultAndSale();
        _deposit(thief, 1_000_000e6);
        _forfeit();
        _requestAll(thief);
        vm.warp(block.timestamp + REDEMPTION_DELAY);
        assertLe(_claimAll(thief), 1_000_000e6);
        assertGe(
            home.vault.redemptionValue(home.vault.balanceOf(lender)),
            1_000_000e6 - home.vault.recordedLosses(),
            "others lose no more than without the thief"
        );
    }

    /// The thief knows at the opening that the winner will not pay.
    function test_Attack_RedeemAheadOfAKnownLoss() public {
        _deposit(thief, 1_000_000e6);
        _openOrder();
        _requestAll(thief);
        _defaultAndSale();
        vm.warp(START + BOND_DELAY + REDEMPTION_DELAY);
        uint256 got = _claimAll(thief);
        assertEq(got, 1_000_000e6 - (PRINCIPAL - FLOOR) / 2, "half of what is not certain to come back");
        _forfeit();
        assertGe(home.vault.redemptionValue(home.vault.balanceOf(lender)), got, "those who stay get the bond");
    }

    /// The account that reports earns at home what settling reserved.
    function test_Reimbursement_OfTheReporter() public {
        home.vault.setReimbursement(PAY_DOMAIN, 1e6);
        _openOrder();
        Fill memory facts = _fillByWinner(pay, order);
        _deliver(_report(pay, _one(facts)));
        assertEq(home.vault.reimbursements(keeper), 1e6);
        assertEq(home.vault.totalAssets(), 1_000_001.5e6, "the fee of 2.5, less the keeper's");
        _deliver(_report(pay, _one(facts)));
        assertEq(home.vault.reimbursements(keeper), 1e6, "once");
        uint256 before = home.dollar.balanceOf(keeper);
        vm.prank(keeper);
        home.vault.claimReimbursement(keeper);
        assertEq(home.dollar.balanceOf(keeper) - before, 1e6);
        _expectBalanced();
    }
}
